"""What TensorFlow's layout optimizer makes of a graph on a GPU that need not be there.

usage: gpu_layout.py SAVED_MODEL.pb FETCH COMPUTE_CAPABILITY
       FETCH: name of the node whose value a session would be asked for; COMPUTE_CAPABILITY: such as 9.0
needs: tensorflow or tensorflow-cpu 2.21 (README.md). Exit code 2 if it is missing.
Prunes the graph to what FETCH needs, as a session does, and hands it to the optimizer with a device of that capability.
Prints one line of JSON: layout -> type -> number of convolutions, their gradients included.
"""
import collections
import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
try:
    import tensorflow as tf
    from tensorflow.core.protobuf import config_pb2, device_properties_pb2, rewriter_config_pb2, saved_model_pb2
    from tensorflow.python.grappler import cluster, tf_optimizer
except ImportError as missing:
    sys.stderr.write(f"{sys.executable}: {missing}\n")
    sys.exit(2)

saved_model, fetch, capability = sys.argv[1:]
gpu = "/job:localhost/replica:0/task:0/device:GPU:0"
convolutions = {"Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter"}

model = saved_model_pb2.SavedModel.FromString(pathlib.Path(saved_model).read_bytes())
graph = model.meta_graphs[0]
for node in graph.graph_def.node:
    node.device = gpu
graph.collection_def["train_op"].node_list.value.append(fetch)

device = device_properties_pb2.NamedDevice(name=gpu)
device.properties.type = "GPU"
device.properties.environment["architecture"] = capability

config = config_pb2.ConfigProto()
rewrite = config.graph_options.rewrite_options
rewrite.optimizers.extend(["pruning", "layout"])
rewrite.meta_optimizer_iterations = rewriter_config_pb2.RewriterConfig.ONE
optimized = tf_optimizer.OptimizeGraph(config, graph, cluster=cluster.Cluster(devices=[device]))

found = collections.defaultdict(collections.Counter)
for node in optimized.node:
    if node.op in convolutions:
        layout = node.attr["data_format"].s.decode() or "NHWC"
        found[layout][tf.as_dtype(node.attr["T"].type).name] += 1
print(json.dumps(found))
