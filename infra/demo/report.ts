import { bytesLabel } from '@stroma/core/units';
import type { Summary } from './summary.ts';

/** What a person wants to know after the job, in a few lines. */
export function printReport(summary: Summary): void {
  const { slides, crops, shards, losses, metrics, parity, exports, peakRssMb, detail } = summary;
  const pair = (span: readonly [number, number] | null) =>
    span ? `${span[0].toFixed(3)} → ${span[1].toFixed(3)}` : 'none';
  console.log(`\n${slides} slides, ${crops} crops in ${shards} shards`);
  console.log(`loss      DINO ${pair(losses.dino)}, E-LDM ${pair(losses.eldm)}, Gen-DINO ${pair(losses.genDino)}`);
  for (const [name, label] of [
    ['dino', 'DINO    '],
    ['genDino', 'Gen-DINO'],
  ] as const) {
    const values = Object.entries(metrics[name]).filter(([, value]) => typeof value === 'number') as [string, number][];
    console.log(`${label}  ${values.map(([metric, value]) => `${metric} ${value.toFixed(3)}`).join(', ')}`);
  }
  const differences = Object.entries(parity).map(([model, value]) => `${model} ${value?.toExponential(1) ?? 'none'}`);
  console.log(`ONNX      differs from PyTorch by at most ${differences.join(', ')}`);
  for (const { encoder, layout, bytes } of exports)
    console.log(`export    ${encoder} as ${layout}, ${bytesLabel(bytes)}`);
  console.log(`memory    at most ${peakRssMb} MB in one process (${detail.peakProgram})`);
}
