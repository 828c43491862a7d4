/** Samplers as a person reads them; the paper's first. */
export const samplerWord: Record<string, string> = { ddim: 'DDIM', dpmpp: 'DPM-Solver++', unipc: 'UniPC' };
