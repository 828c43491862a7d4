/**
 * Deterministic DDIM (eta 0) with classifier-free guidance, as latent-diffusion samples: betas linear in their
 * square roots, timesteps 1, 1+k, 1+2k, …, no clipping, the last step towards alpha_bar[0].
 */
export interface NoiseSchedule {
  trainTimesteps: number;
  betaStart: number;
  betaEnd: number;
}

export interface DdimStep {
  timestep: number;
  alphaBar: number;
  previousAlphaBar: number;
}

export function alphaBars({ trainTimesteps, betaStart, betaEnd }: NoiseSchedule): Float64Array {
  const out = new Float64Array(trainTimesteps);
  const first = Math.sqrt(betaStart);
  const last = Math.sqrt(betaEnd);
  let product = 1;
  for (let t = 0; t < trainTimesteps; t += 1) {
    const root = trainTimesteps === 1 ? first : first + ((last - first) * t) / (trainTimesteps - 1);
    product *= 1 - root * root;
    out[t] = product;
  }
  return out;
}

/** The steps of a sampling run, noisiest first. */
export function ddimSteps(schedule: NoiseSchedule, count: number): DdimStep[] {
  const bars = alphaBars(schedule);
  const stride = Math.floor(schedule.trainTimesteps / count);
  const steps: DdimStep[] = [];
  for (let i = count - 1; i >= 0; i -= 1) {
    const timestep = Math.min(i * stride + 1, schedule.trainTimesteps - 1);
    const previous = Math.max(timestep - stride, 0);
    steps.push({ timestep, alphaBar: bars[timestep] ?? 0, previousAlphaBar: bars[previous] ?? 1 });
  }
  return steps;
}

/** eps = eps_u + w·(eps_c − eps_u) */
export function guide(unconditional: Float32Array, conditional: Float32Array, scale: number): Float32Array {
  return unconditional.map((u, i) => u + scale * ((conditional[i] ?? 0) - u));
}

/** x_{t-1} = sqrt(ā')·x̂0 + sqrt(1−ā')·eps with x̂0 = (x − sqrt(1−ā)·eps) / sqrt(ā) */
export function ddimUpdate(latent: Float32Array, eps: Float32Array, step: DdimStep): Float32Array {
  const signal = Math.sqrt(step.alphaBar);
  const noise = Math.sqrt(1 - step.alphaBar);
  const signalBefore = Math.sqrt(step.previousAlphaBar);
  const noiseBefore = Math.sqrt(1 - step.previousAlphaBar);
  return latent.map((x, i) => {
    const e = eps[i] ?? 0;
    return signalBefore * ((x - noise * e) / signal) + noiseBefore * e;
  });
}
