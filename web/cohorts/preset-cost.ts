import type { Preset } from '@stroma/core/contract/run-directory';
import { count } from '../parts/number-label.ts';

export const presetChoices: { value: Preset; label: string }[] = [
  { value: 'smoke', label: 'smoke: does every stage run?' },
  { value: 'tiny', label: 'tiny: small networks on a CPU' },
  { value: 'tiny12', label: 'tiny12: tiny with networks twice as deep' },
  { value: 'single_gpu', label: 'single_gpu: the paper’s PANDA recipe on one GPU' },
  { value: 'panda', label: 'panda: the paper’s PANDA recipe' },
  { value: 'bright', label: 'bright: the paper’s BRIGHT recipe' },
];

/** Measured by others for ViT-S/16 on one V100; a job of another size scales with crops times epochs. */
const dinoImagesPerSecond = 107;
const recipes = {
  single_gpu: { epochs: 50, batch: 256, scale: '0.50 µm/px (20x)', needs: 'Needs a GPU.' },
  panda: { epochs: 50, batch: 1024, scale: '0.50 µm/px (20x)', needs: 'Needs GPUs.' },
  bright: { epochs: 100, batch: 1024, scale: '1.00 µm/px (10x)', needs: 'Needs GPUs.' },
};

/** What a preset means and roughly costs, in sentences; crops is null when it is not known yet. */
export function presetMeaning(preset: Preset, crops: number | null): string {
  if (preset === 'smoke')
    return 'The smallest networks and a few steps: about a minute on two CPU cores. It shows that every stage works; its grades mean nothing.';
  if (preset === 'tiny')
    return 'Small networks on 64-px inputs: about half an hour for 900 crops on two CPU cores. Losses fall and heat maps form; do not read its grades as a result.';
  if (preset === 'tiny12')
    return 'As tiny, but both DINOs train a network of 12 layers instead of 6 and take twice as long. Do not read its grades as a result.';
  const { epochs, batch, scale, needs } = recipes[preset];
  const hours = crops === null ? null : Math.max(1, Math.round((crops * epochs) / dinoImagesPerSecond / 3600));
  const cost =
    hours === null
      ? ''
      : ` For ${count(crops ?? 0)} crops DINO alone takes about ${count(hours)} V100-hours; synthesis is the dearest stage and costs more than that again.`;
  return `ViT-S/16, ${epochs} epochs, batch ${batch}, meant for ${scale}. ${needs}${cost}`;
}
