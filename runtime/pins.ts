/**
 * Exactly what native TensorFlow is made of. The wheels are Python packages, but only their C libraries are used:
 * those are the same in the wheels of every Python version, so the tags name one that every index has.
 */

/** One wheel of a package index. */
export interface Wheel {
  readonly package: string;
  readonly version: string;
  /** pip's platform tags: any of them selects this file. */
  readonly platforms: readonly string[];
  /** The file's name, for machines that install from a local file. */
  readonly file: string;
  /** Of the file, lower-case hex. */
  readonly sha256: string;
  /** Size of the file: what is fetched. */
  readonly bytes: number;
  /** Size of the unpacked files that are kept. */
  readonly kept: number;
}

/** TensorFlow's version; its major.minor is part of a stage's key. */
export const tensorFlowVersion = '2.21.0';

export const variantNames = [
  'linux-x64-cpu',
  'linux-x64-gpu',
  'linux-arm64-cpu',
  'darwin-arm64-cpu',
] as const;

/** Platform, processor and device that a set of wheels serves. */
export type VariantName = (typeof variantNames)[number];

const nvidia: readonly Wheel[] = [
  {
    package: 'nvidia-cublas-cu12',
    version: '12.9.3.13',
    platforms: ['manylinux_2_27_x86_64'],
    file: 'nvidia_cublas_cu12-12.9.3.13-py3-none-manylinux_2_27_x86_64.whl',
    sha256: 'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
    bytes: 581217458,
    kept: 855125508,
  },
  {
    package: 'nvidia-cuda-cupti-cu12',
    version: '12.8.90',
    platforms: ['manylinux2014_x86_64', 'manylinux_2_17_x86_64'],
    file: 'nvidia_cuda_cupti_cu12-12.8.90-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    sha256: 'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182',
    bytes: 10248621,
    kept: 41372968,
  },
  {
    package: 'nvidia-cuda-nvcc-cu12',
    version: '12.9.86',
    platforms: ['manylinux2010_x86_64', 'manylinux_2_12_x86_64'],
    file: 'nvidia_cuda_nvcc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
    sha256: '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
    bytes: 40546229,
    kept: 98071414,
  },
  {
    package: 'nvidia-cuda-nvrtc-cu12',
    version: '12.9.86',
    platforms: ['manylinux2010_x86_64', 'manylinux_2_12_x86_64'],
    file: 'nvidia_cuda_nvrtc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
    sha256: '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
    bytes: 89568129,
    kept: 227401962,
  },
  {
    package: 'nvidia-cuda-runtime-cu12',
    version: '12.9.79',
    platforms: ['manylinux2014_x86_64', 'manylinux_2_17_x86_64'],
    file: 'nvidia_cuda_runtime_cu12-12.9.79-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    sha256: '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
    bytes: 3493179,
    kept: 5403146,
  },
  {
    package: 'nvidia-cudnn-cu12',
    version: '9.28.0.42',
    platforms: ['manylinux_2_27_x86_64'],
    file: 'nvidia_cudnn_cu12-9.28.0.42-py3-none-manylinux_2_27_x86_64.whl',
    sha256: '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
    bytes: 716538495,
    kept: 1162413503,
  },
  {
    package: 'nvidia-cufft-cu12',
    version: '11.4.1.4',
    platforms: ['manylinux2014_x86_64', 'manylinux_2_17_x86_64'],
    file: 'nvidia_cufft_cu12-11.4.1.4-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    sha256: 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
    bytes: 200877592,
    kept: 293670442,
  },
  {
    package: 'nvidia-curand-cu12',
    version: '10.3.10.19',
    platforms: ['manylinux_2_27_x86_64'],
    file: 'nvidia_curand_cu12-10.3.10.19-py3-none-manylinux_2_27_x86_64.whl',
    sha256: '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
    bytes: 68295626,
    kept: 167026379,
  },
  {
    package: 'nvidia-cusolver-cu12',
    version: '11.7.5.82',
    platforms: ['manylinux_2_27_x86_64'],
    file: 'nvidia_cusolver_cu12-11.7.5.82-py3-none-manylinux_2_27_x86_64.whl',
    sha256: '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
    bytes: 338117415,
    kept: 495036176,
  },
  {
    package: 'nvidia-cusparse-cu12',
    version: '12.5.10.65',
    platforms: ['manylinux2014_x86_64', 'manylinux_2_17_x86_64'],
    file: 'nvidia_cusparse_cu12-12.5.10.65-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    sha256: '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
    bytes: 366465088,
    kept: 486617405,
  },
  {
    package: 'nvidia-nccl-cu12',
    version: '2.32.3',
    platforms: ['manylinux_2_27_x86_64'],
    file: 'nvidia_nccl_cu12-2.32.3-py3-none-manylinux_2_27_x86_64.whl',
    sha256: 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
    bytes: 351526311,
    kept: 489657372,
  },
  {
    package: 'nvidia-nvjitlink-cu12',
    version: '12.9.86',
    platforms: ['manylinux2010_x86_64', 'manylinux_2_12_x86_64'],
    file: 'nvidia_nvjitlink_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
    sha256: 'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
    bytes: 39748338,
    kept: 95996325,
  },
];

/** What each variant needs. The GPU variant holds the CUDA libraries that the `and-cuda` extra of tensorflow 2.21.0 lists. */
export const pins: Readonly<Record<VariantName, readonly Wheel[]>> = {
  'linux-x64-cpu': [
    {
      package: 'tensorflow-cpu',
      version: '2.21.0',
      platforms: ['manylinux_2_27_x86_64'],
      file: 'tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl',
      sha256: 'dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb',
      bytes: 274000871,
      kept: 853791720,
    },
  ],
  'linux-x64-gpu': [
    {
      package: 'tensorflow',
      version: '2.21.0',
      platforms: ['manylinux_2_27_x86_64'],
      file: 'tensorflow-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl',
      sha256: 'b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0',
      bytes: 572611111,
      kept: 1259503860,
    },
    ...nvidia,
  ],
  'linux-arm64-cpu': [
    {
      package: 'tensorflow',
      version: '2.21.0',
      platforms: ['manylinux_2_27_aarch64'],
      file: 'tensorflow-2.21.0-cp312-cp312-manylinux_2_27_aarch64.whl',
      sha256: 'b07d15737406533898e36c7ef7944b1be18e9028dc521b9229952c537bbc5552',
      bytes: 281946471,
      kept: 883544988,
    },
  ],
  'darwin-arm64-cpu': [
    {
      package: 'tensorflow',
      version: '2.21.0',
      platforms: ['macosx_12_0_arm64'],
      file: 'tensorflow-2.21.0-cp312-cp312-macosx_12_0_arm64.whl',
      sha256: '56ecd7d47429acbe1df2694d50b75bf9fc3995ac92cb367cd9af6c4780ead712',
      bytes: 223488205,
      kept: 741288404,
    },
  ],
};
