import { describe, expect, it } from 'vitest';
import { isByProcessor } from '../../web/viewer/graphics-processor.ts';
import { wholePx } from '../../web/viewer/tiles-on-px.ts';

/** Tiles of 256 px in a row at a zoom, the first of them at some px. */
const row = (first: number, zoom: number) =>
  Array.from({ length: 9 }, (_, i) => ({ from: first + i * 256 * zoom, length: 256 * zoom }));

describe('tiles on whole px', () => {
  it('meet without a gap and without sharing a px, wherever they lie and at every zoom', () => {
    for (const zoom of [1, 0.5, 0.7312, 1.9, 3]) {
      for (const first of [0, 0.5, -13.25, 1e-9 - 0.5, 733.4999999]) {
        for (const middle of [0, 0.5]) {
          const spans = row(first, zoom).map((span) => wholePx(span, middle));
          for (const [i, span] of spans.entries()) {
            expect((span.from - middle) % 1).toBeCloseTo(0, 12);
            expect(span.from + span.length).toBe(spans[i + 1]?.from ?? span.from + span.length);
            expect(Math.abs(span.from - (first + i * 256 * zoom))).toBeLessThan(0.51);
          }
        }
      }
    }
  });

  it('keep their size where a level is shown px by px, half a px further right between two', () => {
    for (const noise of [0, 1e-9, -1e-9]) {
      expect(row(0.5 + noise, 1).map((span) => wholePx(span, 0))).toEqual(row(1, 1));
    }
    expect(row(0.25, 1).map((span) => wholePx(span, 0.5))).toEqual(row(0.5, 1));
  });
});

it('WebGL that is computed on the CPU is told from a graphics processor’s by its name', () => {
  const cpu = [
    'ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)',
    'llvmpipe (LLVM 15.0.6, 256 bits)',
    'ANGLE (Microsoft, Microsoft Basic Render Driver Direct3D11 vs_5_0 ps_5_0, D3D11)',
    'Apple Software Renderer',
    null,
  ];
  const processor = [
    'ANGLE (NVIDIA, NVIDIA GeForce RTX 3080 Direct3D11 vs_5_0 ps_5_0, D3D11)',
    'ANGLE (Apple, ANGLE Metal Renderer: Apple M1, Unspecified Version)',
    'Mesa Intel(R) UHD Graphics 620 (KBL GT2)',
    'WebKit WebGL',
  ];
  expect([cpu.map(isByProcessor), processor.map(isByProcessor)]).toEqual([
    cpu.map(() => false),
    processor.map(() => true),
  ]);
});
