import type { RemoteFile } from '../../engine/stage.ts';

const file = 'model.safetensors';

/**
 * The encoders that smp calls `imagenet`, at the revisions that smp 0.6.0 pins (encoders/resnet.py): torchvision's weights
 * under torchvision's names. A digest is null where no public record of it was found: then the one that the hub states for the
 * revision is checked. That of ResNet-50 is the one that a public training script asserts for this very revision.
 */
export const imagenetWeights = {
  resnet18: {
    repo: 'smp-hub/resnet18.imagenet',
    revision: '3f2325ff978283d47aa6a1d6878ca20565622683',
    file,
    sha256: null,
  },
  resnet34: {
    repo: 'smp-hub/resnet34.imagenet',
    revision: '7a57b34f723329ff020b3f8bc41771163c519d0c',
    file,
    sha256: null,
  },
  resnet50: {
    repo: 'smp-hub/resnet50.imagenet',
    revision: '00cb74e366966d59cd9a35af57e618af9f88efe9',
    file,
    sha256: 'df1aad85e18536504a4c8597118364e291ff3a9c4b56dd9b3a4900642e4c3a7c',
  },
} as const satisfies Readonly<Record<string, RemoteFile>>;
