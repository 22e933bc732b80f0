"""TensorFlow's own gradients of a graph that ers wrote, through the library's C interface (TF_AddGradients).

usage: tf_gradients.py FOLDER        FOLDER holds libtensorflow_cc.so.2 of the installed runtime; needs no package
Reads JSON from stdin: {name: {"graph": GraphDef, "loss": node, "inputs": [{"name": node, "shape": [...], "values": fp32}]}},
bytes as base64. Writes {name: {"gradients": [fp32, one an input]}}, or {"missing": what TensorFlow says} for a graph with
an op that has no gradient in TensorFlow's C++ library.
"""
import base64
import ctypes
import json
import os
import sys
from ctypes import c_char_p, c_int, c_int64, c_size_t, c_void_p

FLOAT = 1


class Output(ctypes.Structure):
    _fields_ = [("operation", c_void_p), ("index", c_int)]


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
ctypes.CDLL(os.path.join(sys.argv[1], "libtensorflow_framework.so.2"), ctypes.RTLD_GLOBAL)
tf = ctypes.CDLL(os.path.join(sys.argv[1], "libtensorflow_cc.so.2"), ctypes.RTLD_GLOBAL)
for function in (
    "TF_NewStatus TF_NewGraph TF_NewBufferFromString TF_NewImportGraphDefOptions TF_GraphOperationByName "
    "TF_NewSessionOptions TF_NewSession TF_AllocateTensor TF_TensorData"
).split():
    getattr(tf, function).restype = c_void_p
tf.TF_Message.restype = c_char_p
tf.TF_TensorByteSize.restype = c_size_t


class Refused(Exception):
    pass


def checked(function, *arguments):
    """Calls a function of the library whose last argument is a status."""
    status = c_void_p(tf.TF_NewStatus())
    result = function(*arguments, status)
    code, message = tf.TF_GetCode(status), tf.TF_Message(status).decode()
    tf.TF_DeleteStatus(status)
    if code != 0:
        raise Refused(message)
    return result


def tensor_of(shape, values):
    lengths = (c_int64 * max(len(shape), 1))(*shape)
    tensor = c_void_p(tf.TF_AllocateTensor(FLOAT, lengths, len(shape), c_size_t(len(values))))
    ctypes.memmove(tf.TF_TensorData(tensor), values, len(values))
    return tensor


def gradients(case):
    graph = c_void_p(tf.TF_NewGraph())
    definition = base64.b64decode(case["graph"])
    buffer = c_void_p(tf.TF_NewBufferFromString(definition, c_size_t(len(definition))))
    checked(tf.TF_GraphImportGraphDef, graph, buffer, c_void_p(tf.TF_NewImportGraphDefOptions()))
    output = lambda name: Output(tf.TF_GraphOperationByName(graph, name.encode()), 0)
    inputs = case["inputs"]
    count = len(inputs)
    xs = (Output * count)(*[output(given["name"]) for given in inputs])
    loss = (Output * 1)(output(case["loss"]))
    slopes = (Output * count)()
    checked(lambda status: tf.TF_AddGradients(graph, loss, 1, xs, count, None, status, slopes))
    session = c_void_p(checked(tf.TF_NewSession, graph, c_void_p(tf.TF_NewSessionOptions())))
    fed = (c_void_p * count)(*[tensor_of(given["shape"], base64.b64decode(given["values"])) for given in inputs])
    found = (c_void_p * count)()
    checked(tf.TF_SessionRun, session, None, xs, fed, count, slopes, found, count, None, 0, None)
    bytes_of = lambda tensor: ctypes.string_at(tf.TF_TensorData(tensor), tf.TF_TensorByteSize(tensor))
    return [base64.b64encode(bytes_of(c_void_p(tensor))).decode() for tensor in found]


def answer(case):
    try:
        return {"gradients": gradients(case)}
    except Refused as why:
        return {"missing": str(why)}


json.dump({name: answer(case) for name, case in json.load(sys.stdin).items()}, sys.stdout)
