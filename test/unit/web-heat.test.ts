import type { ScoresHeader } from '@stroma/core/http/scores';
import { largestFirst } from '@stroma/core/mil/attention';
import { readScores, scoresHead } from '@stroma/core/scores-bytes';
import { describe, expect, it } from 'vitest';
import { colourAt, colourMaps, colourTable, sequentialMaps } from '../../web/viewer/colour-maps.ts';
import { attentionShelves, evidenceShelves } from '../../web/viewer/crop-shelves.ts';
import { evidenceWords } from '../../web/viewer/evidence-crops.ts';
import { galleryAddress, readGallery } from '../../web/viewer/gallery-order.ts';
import { blended, heatGrid, onGrid } from '../../web/viewer/heat-grid.ts';
import { countAbove, heatValues, isAbove, onScale } from '../../web/viewer/heat-values.ts';
import { endsOf, rankedCrops } from '../../web/viewer/ranked-crops.ts';
import { defaultHeat, heatAddress, readAddress, writeAddress } from '../../web/viewer/view-address.ts';

const header: ScoresHeader = {
  version: 1,
  predictionId: 7,
  cropSetId: 3,
  mpp: 0.5,
  sizePx: 256,
  size0X: 254.3,
  size0Y: 254.3,
  strideShare: 1,
  cropCount: 4,
  classes: ['benign', 'Grad 4 – schlecht'],
};

function bytesOf(columns: ArrayBufferView[], given = header): ArrayBuffer {
  const parts = [scoresHead(given), ...columns.map((each) => new Uint8Array(each.buffer))];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole.buffer;
}
const places = [Int32Array.of(0, 2, 5, 6), Int32Array.of(0, 254, 1017, 254), Int32Array.of(509, 509, 509, 763)];
const logits = Float32Array.of(0, Math.log(3), Math.log(4), Math.log(8));
const evidence = Float32Array.of(0.5, -0.25, 0, -1, -0.5, 0.25, 0, 1);
const scores = readScores(bytesOf([...places, logits, evidence]));

describe('scores as bytes', () => {
  it('are read as they were written, with words of any length', () => {
    expect(scores).toMatchObject(header);
    expect([...scores.x0]).toEqual([0, 254, 1017, 254]);
    expect(scores.evidence.map((each) => [...each])).toEqual([
      [0.5, -0.25, 0, -1],
      [-0.5, 0.25, 0, 1],
    ]);
  });

  it('are refused when bytes are missing', () => {
    expect(() => readScores(bytesOf([...places, logits]))).toThrow(RangeError);
  });
});

describe('heat map', () => {
  it('ranks attention by the share of crops with less', () => {
    const { rank, absolute, highest, lowest } = heatValues(scores, null);
    expect([...rank].map((value) => value.toFixed(3))).toEqual(['0.000', '0.333', '0.667', '1.000']);
    expect([...absolute].map((value) => value.toFixed(3))).toEqual(['0.125', '0.375', '0.500', '1.000']);
    expect([lowest, highest].map((value) => value.toFixed(4))).toEqual(['0.0625', '0.5000']);
  });

  it('keeps the sign of evidence, in rank and in size', () => {
    const values = heatValues(scores, 0);
    expect([...values.absolute]).toEqual([0.5, -0.25, 0, -1]);
    expect([...values.rank].map((value) => value.toFixed(3))).toEqual(['0.667', '-0.333', '0.000', '-1.000']);
    expect([values.lowest, values.highest, values.signed]).toEqual([-1, 0.5, true]);
  });

  it('counts what the threshold leaves, for and against', () => {
    expect(countAbove(heatValues(scores, 0).absolute, 0.5)).toBe(2);
    // 0.1 is another number in single precision, in which the picture is drawn.
    expect([isAbove(Math.fround(0.1), 0.1), isAbove(0.0999, 0.1)]).toEqual([true, false]);
  });

  it('puts every crop into a cell of its own, where it lies on the slide', () => {
    const grid = heatGrid(scores);
    expect(grid).toMatchObject({ columns: 5, rows: 2, left: 0 });
    expect(grid?.top).toBeCloseTo(508.6, 6);
    expect([...(grid?.cells ?? [])]).toEqual([0, 1, 4, 6]);
  });

  it('blends four cells by their distance, at the edge of the scored from scored ones alone', () => {
    const grid = { columns: 4, rows: 1, left: 0, top: 0, width: 4, height: 1, cells: Int32Array.of(0, 1) };
    const values = onGrid(grid, Float32Array.of(0.25, 0.75));
    const none = Number.NaN;
    expect([...values]).toEqual([0.25, 0.75, none, none]);
    // Two columns a cell: a quarter of a cell before and behind its middle.
    expect([...blended(grid, values, 2)].slice(0, 8)).toEqual([0.25, 0.375, 0.625, 0.75, 0.75, none, none, none]);
  });

  it('are sorted as a comparison would, equal ones in their order', () => {
    const values = Float32Array.from([
      0,
      -0,
      3e38,
      -3e38,
      1e-45,
      -1e-45,
      2,
      2,
      -2,
      Number.NEGATIVE_INFINITY,
      0.5,
      -0.5,
    ]);
    const compared = [...values.keys()].sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b);
    expect([...largestFirst(values)]).toEqual(compared);
    expect(() => largestFirst(new Float32Array(2 ** 21 + 1))).toThrow(RangeError);
  });

  it('are told at both ends, none of them twice', () => {
    const ranked = rankedCrops({ id: 's', name: 'Slide' }, scores);
    expect(ranked.count).toBe(4);
    expect(ranked.at(0)).toMatchObject({
      cropId: '3:6',
      rank: 1,
      attention: expect.closeTo(0.5, 6),
      x0: 254,
      y0: 763,
      slideName: 'Slide',
    });
    expect(ranked.at(4)).toBeUndefined();
    const ids = (ends: ReturnType<typeof endsOf>) => ends.map((end) => end.map(({ cropId }) => cropId));
    expect(ids(endsOf(ranked, 1, 2))).toEqual([['3:6'], ['3:0', '3:2']]);
    expect(ids(endsOf(ranked, 3, 2))).toEqual([['3:6', '3:5', '3:2'], ['3:0']]);
    expect(ids(endsOf(ranked, 9, 2))).toEqual([['3:6', '3:5', '3:2', '3:0'], []]);
  });
});

describe('the gallery of crops', () => {
  const ranked = rankedCrops({ id: 's', name: 'Slide' }, scores);
  const shown = (shelves: ReturnType<typeof attentionShelves>) =>
    shelves.map(({ title, crops }) => [title, ...crops.map(({ crop, place }) => `${place}: ${crop.cropId}`)]);

  it('by attention is told by rank', () => {
    expect(shown(attentionShelves(ranked))).toEqual([
      ['Most attended', '1: 3:6', '2: 3:5', '3: 3:2', '4: 3:0'],
      ['Least attended'],
    ]);
  });

  it('by evidence holds those that speak for the class and those that speak against it, and no other', () => {
    const values = scores.evidence[0] ?? new Float32Array();
    const shelves = evidenceShelves(ranked, { name: 'benign', values });
    expect(shown(shelves)).toEqual([
      ['Most for benign', '1: 3:0'],
      ['Most against benign', '1: 3:6', '2: 3:2'],
    ]);
    // Of the heat map's own numbers, beside the crop's attention.
    const against = shelves[1]?.crops.map(({ crop }) => [values[crop.index], crop.rank]);
    expect(against).toEqual([
      [-1, 1],
      [-0.25, 3],
    ]);
    expect([0.5, -0.25, 0].map(evidenceWords)).toEqual(['+0.500', '−0.250', '0']);
  });

  it('keeps its order in the address', () => {
    for (const order of ['attention', 'evidence'] as const) {
      expect(readGallery(new URLSearchParams(writeAddress('?crops=evidence', galleryAddress(order))))).toBe(order);
    }
  });
});

describe('colour maps', () => {
  it('are what the table for the graphics processor holds', () => {
    const table = colourTable();
    for (const [row, map] of colourMaps.entries()) {
      for (const shade of [0, 1, 128, 254]) {
        expect([...table.subarray(4 * (255 * row + shade)).subarray(0, 3)]).toEqual(colourAt(map, shade / 254));
      }
    }
    expect([colourAt('viridis', 0), colourAt('viridis', 1)]).toEqual([
      [68, 1, 84],
      [253, 231, 37],
    ]);
  });

  it('grow in lightness without a step back', () => {
    const lightness = ([r, g, b]: readonly number[]) => 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
    for (const map of sequentialMaps) {
      for (let shade = 1; shade < 255; shade += 1) {
        const [before, now] = [colourAt(map, (shade - 1) / 254), colourAt(map, shade / 254)].map(lightness);
        expect(now ?? 0).toBeGreaterThanOrEqual((before ?? 0) - 0.6);
      }
    }
  });

  it('have nothing at the middle of the diverging map', () => {
    expect(colourAt('diverging', onScale(0, true))).toEqual([245, 245, 245]);
    expect(colourAt('diverging', onScale(1, true))).toEqual([0, 60, 48]);
  });
});

describe('the address of a view', () => {
  it('keeps what the heat map shows', () => {
    const heat = { ...defaultHeat, colours: 'inferno' as const, evidence: 2, smooth: true, threshold: 0.25 };
    expect(readAddress(writeAddress('', heatAddress(heat))).heat).toEqual(heat);
    expect(readAddress('?evidence=x&colours=jet').heat).toEqual(defaultHeat);
  });
});
