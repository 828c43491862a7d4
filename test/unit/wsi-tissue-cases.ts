import { type TissueClass, tissueClass } from '@stroma/wsi/tissue/classes';
import { box, Drawing, type Inside, type Stains } from './wsi-tissue-drawing.ts';

interface Expectation {
  where: Inside;
  /** At least this share of the region is one of these. */
  is: TissueClass[];
  least: number;
}

export interface Case {
  name: string;
  drawing: Drawing;
  blur?: Inside;
  expect: Expectation[];
}

const he: Stains = { eosin: 0.22, haematoxylin: 0.1 };
const pale: Stains = { eosin: 0.08, haematoxylin: 0.02 };
const glassOnly: Inside = (x, y) => x < 50 || y < 40 || x >= 370 || y >= 260;
const glassStaysGlass: Expectation = { where: glassOnly, is: ['glass'], least: 0.995 };
const tissueIsTissue = (where: Inside = box(66, 56, 354, 244), least = 0.97): Expectation => {
  return { where, is: ['tissue'], least };
};
const overGlass = box(10, 10, 40, 290);
const overTissue = box(150, 100, 180, 240);

/** Ink: dense over glass, and over tissue, where the stain is seen through it. */
function pen(name: string, colour: [number, number, number], stains: Stains = he): Case {
  const drawing = new Drawing().tissue(stains).lay(colour, overGlass).lay(colour, overTissue);
  const beside = box(200, 56, 354, 244);
  return {
    name: `${name} pen over glass and over tissue`,
    drawing,
    expect: [
      { where: overGlass, is: ['pen'], least: 0.99 },
      { where: overTissue, is: ['pen'], least: 0.97 },
      { where: box(60, 10, 360, 40), is: ['glass'], least: 0.99 },
      tissueIsTissue(beside, 0.98),
    ],
  };
}

const stainOnGlass = (name: string, stains: Stains, glass?: [number, number, number], nuclei?: number): Case => ({
  name,
  drawing: new Drawing(glass).tissue(stains, nuclei === undefined ? {} : { nuclei }),
  expect: [glassStaysGlass, tissueIsTissue()],
});

const nothing = (name: string, drawing: Drawing): Case => ({
  name,
  drawing,
  expect: [{ where: () => true, is: ['glass', 'dark'], least: 0.9995 }],
});

export const cases: Case[] = [
  stainOnGlass('haematoxylin and eosin', he),
  stainOnGlass('faint stroma without nuclei', pale, undefined, 0),
  stainOnGlass('faint stroma on grey glass', pale, [228, 228, 231], 0),
  stainOnGlass('tissue on cream glass', he, [246, 240, 226]),
  stainOnGlass('faint stroma on cream glass', pale, [246, 240, 226], 0),
  stainOnGlass('pale immunohistochemistry: counterstain alone', { haematoxylin: 0.1 }, undefined, 0.1),
  stainOnGlass('pale immunohistochemistry: brown over counterstain', { dab: 0.08, haematoxylin: 0.06 }),
  stainOnGlass('dense immunohistochemistry', { dab: 0.5, haematoxylin: 0.15 }),
  stainOnGlass('a dense infiltrate is not a fold', { haematoxylin: 0.35, eosin: 0.08 }, undefined, 0.5),
  pen('blue', [35, 80, 180]),
  pen('green', [40, 140, 70]),
  pen('red', [205, 35, 50]),
  pen('black', [30, 30, 34]),
  {
    name: 'black at the rim, a grey shadow beside it, and what was not scanned',
    drawing: new Drawing()
      .tissue(he)
      .lay([20, 20, 20], (x, y) => x < 8 || y >= 290)
      .lay([190, 190, 192], (x, y) => (x >= 8 && x < 20) || (y >= 280 && y < 290)),
    expect: [
      { where: (x, y) => x < 7 || y >= 291, is: ['dark'], least: 0.99 },
      { where: (x, y) => x >= 10 && x < 48 && y < 270, is: ['glass'], least: 0.99 },
      tissueIsTissue(),
    ],
  },
  nothing('grey glass', new Drawing([214, 214, 216])),
  nothing('cream glass', new Drawing([240, 232, 214])),
  nothing(
    'dust, black and brown',
    new Drawing()
      .lay([40, 40, 40], (x, y) => x % 60 < 5 && y % 50 < 4)
      .lay([150, 130, 110], (x, y) => x % 60 > 40 && x % 60 < 43 && y % 50 < 2),
  ),
  nothing(
    'nothing scanned but a white square',
    new Drawing([255, 255, 255]).lay([1, 1, 1], (x) => x < 200),
  ),
  {
    name: 'fat: membranes are too thin to be tissue, and nothing worse',
    drawing: new Drawing()
      .tissue(he, { inside: box(60, 50, 200, 250) })
      .tissue(he, { inside: (x, y) => box(200, 50, 360, 250)(x, y) && (x % 20 === 0 || y % 20 === 0), nuclei: 0 }),
    expect: [
      tissueIsTissue(box(66, 56, 194, 244)),
      { where: box(210, 56, 354, 244), is: ['glass', 'tissue'], least: 1 },
      { where: box(210, 56, 354, 244), is: ['glass'], least: 0.85 },
    ],
  },
  {
    name: 'a fold in stroma',
    drawing: new Drawing().tissue(he).tissue(he, { inside: box(200, 60, 230, 240), layers: 1.1 }),
    expect: [
      { where: box(203, 70, 227, 230), is: ['fold'], least: 0.95 },
      tissueIsTissue(box(66, 56, 185, 244), 0.99),
      tissueIsTissue(box(245, 56, 354, 244), 0.99),
    ],
  },
  {
    name: 'a part far out of focus',
    drawing: new Drawing().tissue(he),
    blur: (x) => x >= 220,
    expect: [
      { where: box(245, 66, 345, 234), is: ['blurred'], least: 0.95 },
      tissueIsTissue(box(66, 56, 200, 244), 0.99),
    ],
  },
];

export const numbersOf = (names: readonly TissueClass[]) => names.map((name) => tissueClass[name] as number);
