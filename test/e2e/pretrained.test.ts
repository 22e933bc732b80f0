import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepareRandom } from '../../base/random.ts';
import { writeSafetensors } from '../../formats/safetensors.ts';
import { Graph } from '../../nn/graph/graph.ts';
import { initialState } from '../../nn/initial-state.ts';
import { unet } from '../../nn/unet.ts';
import { toStateDict } from '../../nn/weights/smp.ts';
import { imagenetWeights } from '../../stages/train/imagenet-weights.ts';
import { startHub, type Hub } from '../runtime/remote/hub.ts';
import { Project, tempFolder } from './project.ts';

const { repo, revision, file } = imagenetWeights.resnet18;
const address = `/${repo}/resolve/${revision}/${file}`;

let hub: Hub;
let remote: string;
let project: Project;
beforeAll(async () => {
  await prepareRandom();
  const decoderChannels = [8, 8, 8, 8, 8];
  const { parameters } = unet(new Graph(), {
    encoder: 'resnet18',
    inChannels: 3,
    classes: 2,
    decoderChannels,
  });
  const tensors = new Map(
    [...toStateDict(parameters, initialState(parameters, 3), 1)].flatMap(([name, tensor]) =>
      name.startsWith('encoder.') ? [[name.slice('encoder.'.length), tensor] as const] : [],
    ),
  );
  const folder = tempFolder();
  await writeSafetensors(join(folder, 'net'), { tensors, metadata: {} });
  hub = await startHub(address, readFileSync(join(folder, 'net')), { cuts: [20_000_000] });
  remote = join(folder, 'remote');
  mkdirSync(remote);
  project = Project.create({ 'demo.size': 32, 'train.max_epochs': 1, 'model.encoder_weights': 'imagenet' });
});
afterAll(() => hub.close());

test('without a network: the line of the config, and the way by hand; what is above is made', async () => {
  const env = { HF_ENDPOINT: 'http://127.0.0.1:9', ERS_REMOTE_DIR: remote };
  const { code, out } = await project.ers(['run', 'train'], env);
  expect(code).toBe(1);
  expect(out).toContain('resnet18.imagenet cannot be fetched: http://127.0.0.1:9: ');
  expect(out).toMatch(/config\.yaml:\d+:\d+ resnet18\.imagenet cannot/);
  expect(out).toContain(`Fetch http://127.0.0.1:9${address} elsewhere`);
  expect(out).toContain('[ERS_FETCH]');
  expect(out).not.toMatch(/Internal error|\sat /);
});

test('imagenet is fetched across a cut before training starts, and known without being here', async () => {
  const env = { HF_ENDPOINT: hub.endpoint, ERS_REMOTE_DIR: remote };
  const made = await project.ers(['run', 'train', '--json'], env);
  expect(made.code, made.out).toBe(0);
  const told = made.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; runtime?: string; phase?: string; stage?: string });
  const ready = told.findIndex(({ runtime, phase }) => runtime === 'resnet18.imagenet' && phase === 'ready');
  const started = told.findIndex(({ type, stage }) => type === 'stage-started' && stage === 'train');
  expect(ready).toBeGreaterThan(-1);
  expect(started).toBeGreaterThan(ready);
  expect(hub.requests.at(-1)).toMatch(/^\/elsewhere bytes=\d+-$/);

  rmSync(remote, { recursive: true });
  const again = await project.ers(['run', 'train'], {
    HF_ENDPOINT: 'http://127.0.0.1:9',
    ERS_REMOTE_DIR: remote,
  });
  expect(again.code, again.out).toBe(0);
  const random = await project.dry('-S', 'model.encoder_weights=null', 'train');
  expect(random['train']).toContain('encoder');
  const other = await project.dry('-S', 'model.encoder_name=resnet34', 'train');
  expect(other['train']).toMatch(/^run/);
  const why = await project.ers(['why', 'train', '-S', 'model.encoder_weights=null']);
  expect(why.out).toContain('encoder');
  const dag = await project.ers(['dag']);
  expect(dag.out).toContain('imagenet (smp-hub/resnet18.imagenet)');
});

test('./imagenet is a path', async () => {
  const { code, out } = await project.ers(['run', 'train', '-S', 'model.encoder_weights=./imagenet']);
  expect(code).toBe(2);
  expect(out).toContain('there is nothing at imagenet. [ERS_INPUT_MISSING]');
});
