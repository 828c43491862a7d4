/** What both trainers are told: the paper's views and head, and a network and a batch that two cores get through. */
export interface Setting {
  arch: 'vit_tiny' | 'vit_small';
  batch: number;
  /** Crops in the folder, a multiple of the batch. */
  crops: number;
  epochs: number;
  threads: number;
}

/** One step as it was measured. */
export interface Step {
  seconds: number;
  /** Share of the step spent waiting for data; undefined where it is not told. */
  dataWait: number | undefined;
  loss: number;
}

export const shapes = {
  vit_tiny: { dim: 192, depth: 12, heads: 3 },
  vit_small: { dim: 384, depth: 12, heads: 6 },
} as const;

export const patchPx = 16;
export const globalPx = 224;
export const localPx = 96;
export const locals = 8;
/** Per 256 crops, higher than the paper's 5e-4, so that some dozens of steps change the loss. */
export const learningRate = 0.004;

export function stepsOf({ crops, batch, epochs }: Setting): number {
  return epochs * Math.floor(crops / batch);
}

/** Floating-point operations of the matrix products of one crop's step: backward counts twice its forward. */
export function trainingFlop(arch: Setting['arch']): number {
  const { dim, depth } = shapes[arch];
  const forward = (px: number) => {
    const patches = (px / patchPx) ** 2;
    const tokens = patches + 1;
    return depth * (2 * tokens * 12 * dim ** 2 + 4 * tokens ** 2 * dim) + 2 * patches * 3 * patchPx ** 2 * dim;
  };
  const teacher = 2 * forward(globalPx);
  return teacher + 3 * (2 * forward(globalPx) + locals * forward(localPx));
}
