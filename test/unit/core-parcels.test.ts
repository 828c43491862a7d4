import { parcelsOf } from '@stroma/core/parcels';
import { expect, it } from 'vitest';

const dropped = (...paths: string[]) => paths.map((path) => ({ path }));
const parcels = (...paths: string[]) =>
  parcelsOf(dropped(...paths)).map(({ name, together, files }) => [name, together, files.map((one) => one.path)]);

it('sends a MIRAX file with its folder, one-file formats by themselves, and the rest of a folder together', () => {
  expect(
    parcels(
      'lab/x.mrxs',
      'lab/x/Slidedat.ini',
      'lab/x/deep/a.tif',
      'lab/y.svs',
      'lab/dcm/1',
      'lab/dcm/2.dcm',
      'lab/l.csv',
    ),
  ).toEqual([
    ['x.mrxs', true, ['lab/x.mrxs', 'lab/x/Slidedat.ini', 'lab/x/deep/a.tif']],
    ['y.svs', false, ['lab/y.svs']],
    ['lab', true, ['lab/dcm/1', 'lab/dcm/2.dcm', 'lab/l.csv']],
  ]);
});

it('sends chosen files without a folder together, unless it is one', () => {
  expect(parcels('1.dcm', '2.dcm', 'a.zip')).toEqual([
    ['a.zip', false, ['a.zip']],
    ['2 files', true, ['1.dcm', '2.dcm']],
  ]);
  expect(parcels('1.dcm')).toEqual([['1.dcm', false, ['1.dcm']]]);
  expect(parcels('x.mrxs', 'x/Slidedat.ini')).toEqual([['x.mrxs', true, ['x.mrxs', 'x/Slidedat.ini']]]);
});

it('sends no longer list than the server takes', () => {
  const many = Array.from({ length: 20_001 }, (_, i) => `lab/${i}.dcm`);
  expect(parcelsOf(dropped(...many)).map((parcel) => parcel.files.length)).toEqual([20_000, 1]);
});
