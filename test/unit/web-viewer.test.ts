import { describe, expect, it } from 'vitest';
import { readChoice, selectionAddress } from '../../web/viewer/choice.ts';
import { weightOf } from '../../web/viewer/crop-weight.ts';
import { magnificationAt, magnifications, spacingAcross, zoomLimits, zoomOf } from '../../web/viewer/magnification.ts';
import { lineText, measuredLabel, readLine } from '../../web/viewer/measured.ts';
import { follow, inverse, linkOf, linkText, readLink, unshifted } from '../../web/viewer/pane-link.ts';
import {
  defaultHeat,
  heatAddress,
  placeAddress,
  readAddress,
  readPlace,
  writeAddress,
  writePlace,
} from '../../web/viewer/view-address.ts';

const place = { x: 1000, y: 600, zoom: 0.5, rotation: 30 };
const fine = { x: 0.25, y: 0.25 };
const coarse = { x: 0.5, y: 0.5 };

describe('linked panes', () => {
  it('show as many µm on a screen px, at the same µm', () => {
    const there = follow(place, fine, coarse, unshifted);
    expect(there).toEqual({ x: 500, y: 300, zoom: 1, rotation: 30 });
    expect(magnificationAt(coarse.x, there.zoom)).toBe(magnificationAt(fine.x, place.zoom));
  });

  it('that are linked where they are stay there, whichever of them leads', () => {
    const other = { x: 700, y: 40, zoom: 1, rotation: 120 };
    const link = linkOf(place, fine, other, coarse);
    const [there, back] = [follow(place, fine, coarse, link), follow(other, coarse, fine, inverse(link))];
    for (const key of ['x', 'y', 'zoom', 'rotation'] as const) {
      expect(there[key]).toBeCloseTo(other[key], 8);
      expect(back[key]).toBeCloseTo(place[key], 8);
    }
  });

  it('move alike on the screen when one slide lies turned against the other', () => {
    const link = linkOf(place, fine, { x: 700, y: 40, zoom: 1, rotation: 120 }, coarse);
    const moved = follow({ ...place, x: place.x + 80 }, fine, coarse, link);
    const before = follow(place, fine, coarse, link);
    // 80 px of 0.25 µm are 20 µm, turned by 30 − 120 = −90 degrees.
    expect(moved.x - before.x).toBeCloseTo(0, 8);
    expect((moved.y - before.y) * coarse.y).toBeCloseTo(-20, 8);
  });

  it('keep their shift in the address', () => {
    const link = { x: 12.5, y: -3, turn: 15 };
    expect(readLink(linkText(link))).toEqual(link);
    expect(linkText(unshifted)).toBeNull();
    for (const nonsense of [null, '', '1,2', '1,2,three']) expect(readLink(nonsense)).toEqual(unshifted);
  });
});

describe('the measured length', () => {
  const line = [
    { x: 0, y: 0 },
    { x: 300, y: 400 },
  ] as const;

  it('counts each axis by its own spacing', () => {
    expect(measuredLabel(line, { x: 0.5, y: 0.5 })).toBe('250 µm');
    expect(measuredLabel(line, { x: 0.5, y: 0.25 })).toBe('180 µm');
    expect(measuredLabel(line, { x: 4, y: 4 })).toBe('2.00 mm');
    expect(measuredLabel(line, null)).toBe('500 px of level 0');
  });

  it('comes back from the address', () => {
    expect(readLine(lineText(line))).toEqual(line);
    for (const nonsense of [null, '1,2,3', 'a,b,c,d']) expect(readLine(nonsense)).toBeNull();
  });
});

describe('magnifications', () => {
  it('are within reach on a small slide and on a coarse one', () => {
    for (const [mpp, home] of [
      [0.25, 0.9],
      [2, 0.01],
    ] as const) {
      const { least, most } = zoomLimits(mpp, home);
      for (const one of magnifications) {
        expect(zoomOf(mpp, one)).toBeGreaterThanOrEqual(least);
        expect(zoomOf(mpp, one)).toBeLessThanOrEqual(most);
        expect(magnificationAt(mpp, zoomOf(mpp, one))).toBeCloseTo(one, 12);
      }
    }
  });

  it('lie on a scale bar that is exact when the slide is turned', () => {
    const spacing = { x: 0.5, y: 0.25 };
    expect(spacingAcross(spacing, 0)).toBeCloseTo(0.5, 12);
    expect(spacingAcross(spacing, 90)).toBeCloseTo(0.25, 12);
    expect(spacingAcross({ x: 0.3, y: 0.3 }, 37)).toBeCloseTo(0.3, 12);
  });
});

describe('the address of a view', () => {
  it('shows the same again, and keeps what it does not know', () => {
    const heat = { ...defaultHeat, encoder: 'dino' as const, threshold: 0.25 };
    const part = { ...placeAddress(place), ...heatAddress(heat), ...selectionAddress({ cropId: '3:14' }) };
    const search = writeAddress('?kept=1&at=5,6', part);
    const read = readAddress(search);
    expect(read).toEqual({ place, heat });
    expect(readChoice(new URLSearchParams(search))).toEqual({ cropId: '3:14' });
    expect(new URLSearchParams(search).get('kept')).toBe('1');
    expect(new URLSearchParams(search).has('at')).toBe(false);
  });

  it('holds a magnification exactly', () => {
    for (const mpp of [0.2527, 0.4993, 0.1213]) {
      const { place: read } = readAddress(writeAddress('', placeAddress({ ...place, zoom: zoomOf(mpp, 40) })));
      expect(magnificationAt(mpp, read?.zoom ?? 0)).toBeCloseTo(40, 3);
    }
  });

  it('does without a place that is none', () => {
    expect(readAddress('?x=1&y=2&z=-1').place).toBeNull();
    expect(readPlace('1,2,0,0')).toBeNull();
    expect(readPlace(writePlace(place))).toEqual(place);
    expect(readChoice(new URLSearchParams('crop=1:2;drop&at=1'))).toBeNull();
  });
});

describe('what a crop weighs', () => {
  const scores = {
    cropSetId: 3,
    x0: Int32Array.of(0, 10, 20, 30),
    y0: Int32Array.of(0, 0, 0, 0),
    attentionLogits: Float32Array.of(0, 1, 1, 0.5),
    classes: ['benign'],
    evidence: [Float32Array.of(0, 0.5, -0.5, 0)],
  };

  it('is its rank, its attention and its evidence', () => {
    const weight = weightOf(scores, { cropSetId: 3, x0: 20, y0: 0 });
    expect(weight).toMatchObject({ rank: 2, of: 4, evidence: [{ name: 'benign', value: -0.5 }] });
    const sum = 1 + 2 * Math.E + Math.exp(0.5);
    expect(weight.rank !== null && weight.attention).toBeCloseTo(Math.E / sum, 6);
  });

  it('is unknown for a crop that was not scored', () => {
    expect(weightOf(scores, { cropSetId: 3, x0: 21, y0: 0 })).toEqual({ rank: null });
    expect(weightOf(scores, { cropSetId: 4, x0: 20, y0: 0 })).toEqual({ rank: null });
  });
});
