import { open, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { omeHeader } from '@stroma/wsi/tiff/ome';
import { philipsHeader } from '@stroma/wsi/tiff/philips';
import { tiffKind } from '@stroma/wsi/tiff/tiff-kind';
import { xmlRoot } from '@stroma/wsi/tiff/xml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from './wsi-tiff.ts';
import { type Field, imageFields, oneTileTiff, tiffHead } from './wsi-tiff-writer.ts';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true }));

async function kindOfBytes(bytes: Buffer) {
  const file = path.join(folder, 'slide');
  await writeFile(file, bytes);
  return await tiffKind(file);
}

describe('tiffKind', () => {
  const philips = '<?xml version="1.0"?><DataObject ObjectType="DPUfsImport"></DataObject>';
  const scn = '<scn xmlns="http://www.leica-microsystems.com/scn/2010/10/01"></scn>';
  it.each<[string, number, Field[], 'tiff' | 'openslide']>([
    ['generic-tiff', 7, [], 'tiff'],
    ['generic-tiff', 33_005, [], 'openslide'],
    ['generic-tiff', 50_000, [], 'openslide'],
    ['aperio-svs', 7, [[270, 'Aperio Image Library v11']], 'tiff'],
    ['aperio-svs', 33_003, [[270, 'Aperio Image Library v11']], 'openslide'],
    ['ome-tiff', 5, [[270, '<?xml version="1.0"?><OME></OME>']], 'tiff'],
    [
      'philips-tiff',
      7,
      [
        [270, philips],
        [305, 'Philips DP v1.0'],
      ],
      'tiff',
    ],
    [
      'generic-tiff',
      7,
      [
        [270, philips],
        [305, 'another program'],
      ],
      'tiff',
    ],
    ['trestle-tiff', 7, [[305, 'MedScan 2']], 'openslide'],
    ['huron-tiff', 7, [[271, 'Huron Technologies']], 'openslide'],
    ['argos-avs', 7, [[65_000, '<Argos.Scan.Metadata/>']], 'openslide'],
    ['leica-scn', 7, [[270, scn]], 'openslide'],
    ['hamamatsu-ndpi', 7, [[65_420, 1]], 'openslide'],
  ])('%s with compression %i', async (format, compression, fields, reader) => {
    const tile = Buffer.alloc(64);
    expect(await kindOfBytes(oneTileTiff(64, compression, tile, fields))).toMatchObject({ format, reader });
  });

  it('ventana-bif by its XMP packet, which holds bytes', async () => {
    const tiff = oneTileTiff(64, 7, Buffer.alloc(64), [[700, '<Metadata><iScan/></Metadata>']]);
    const entry = tiff.indexOf(Buffer.from([700 & 255, 700 >> 8, 2, 0]));
    tiff.writeUInt16LE(1, entry + 2);
    expect(await kindOfBytes(tiff)).toMatchObject({ format: 'ventana-bif', reader: 'openslide' });
  });

  it('NDPI whose directory lies beyond 4 GB, where TIFF’s offsets end', async () => {
    const at = 2 ** 32 + 4096;
    const tiff = tiffHead(imageFields(64, 64, 7, [[65_420, 1]]), at);
    const file = path.join(folder, 'large.ndpi');
    const handle = await open(file, 'w');
    await handle.write(tiff.subarray(0, 8), 0, 8, 0);
    await handle.write(Buffer.from([1, 0, 0, 0]), 0, 4, 8);
    await handle.write(tiff.subarray(8), 0, tiff.length - 8, at);
    await handle.close();
    expect(await tiffKind(file)).toMatchObject({ format: 'hamamatsu-ndpi', reader: 'openslide', pixels: null });
  });

  it('undefined for what is no TIFF', async () => {
    expect(await kindOfBytes(Buffer.from('PK\x03\x04 and more bytes'))).toBeUndefined();
    expect(await kindOfBytes(Buffer.from('II*\0'))).toBeUndefined();
    expect(await kindOfBytes(Buffer.alloc(0))).toBeUndefined();
  });
});

describe('OME header', () => {
  const ome = (pixels: string, name = 'slide') =>
    `<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">
      <Instrument ID="Instrument:0"><Objective ID="Objective:0" NominalMagnification="40"/></Instrument>
      <Image ID="Image:0" Name="${name}"><ObjectiveSettings ID="Objective:0"/><Pixels SizeX="620" SizeY="410" ${pixels}/></Image>
      <Image ID="Image:1" Name="Macro of the case"><Pixels SizeX="90" SizeY="70"/></Image></OME>`;

  it.each([
    ['PhysicalSizeX="0.25" PhysicalSizeY="0.25"', 0.25],
    ['PhysicalSizeX="250" PhysicalSizeXUnit="nm" PhysicalSizeY="250" PhysicalSizeYUnit="nm"', 0.25],
    ['PhysicalSizeX="0.00025" PhysicalSizeXUnit="mm" PhysicalSizeY="0.00025" PhysicalSizeYUnit="mm"', 0.25],
    ['PhysicalSizeX="0,5" PhysicalSizeXUnit="μm" PhysicalSizeY="0,5" PhysicalSizeYUnit="µm"', 0.5],
  ])('%s', (pixels, mpp) => {
    const header = omeHeader(ome(pixels), 620, 410);
    expect(header).toMatchObject({ mpp: { x: mpp, y: mpp }, objective: 40, quirks: [] });
    expect(header.nameOf(90, 70)).toBe('macro');
    expect(header.nameOf(620, 410)).toBeUndefined();
  });

  it('a length that no scanner has, an unknown unit, no such image, no XML', () => {
    expect(omeHeader(ome('PhysicalSizeX="900" PhysicalSizeY="900"'), 620, 410)).toMatchObject({
      mpp: null,
      quirks: [expect.stringContaining('900')],
    });
    const pixels = 'PhysicalSizeX="1" PhysicalSizeXUnit="pixel" PhysicalSizeY="1" PhysicalSizeYUnit="pixel"';
    expect(omeHeader(ome(pixels), 620, 410)).toMatchObject({ mpp: null, quirks: [] });
    expect(omeHeader(ome(''), 600, 400).quirks).toHaveLength(1);
    expect(omeHeader('<OME', 600, 400).quirks).toHaveLength(1);
  });
});

describe('XML of a header', () => {
  it('is not read when it declares entities or holds too much; pictures in it are passed over', () => {
    const entities = '<!DOCTYPE OME [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><OME><Image Name="&b;"/></OME>';
    expect(xmlRoot(entities, 'OME')).toBeUndefined();
    expect(xmlRoot(`<OME>${'<a/>'.repeat(120_000)}</OME>`, 'OME')).toBeUndefined();
    expect(xmlRoot(`<OME>${'<a>'.repeat(5000)}`, 'OME')).toBeUndefined();
    const text = xmlRoot(`<OME><a>short</a><b>${'A'.repeat(4_000_000)}</b></OME>`, 'OME');
    expect(text).toMatchObject({ a: [{ '#text': 'short' }], b: [{ '#text': '' }] });
  });
});

it('Philips header: levels up to the first whose spacing makes no sense; unreadable: the finest only', () => {
  const spacing = (mm: string) => `<Attribute Name="DICOM_PIXEL_SPACING">"${mm}" "${mm}"</Attribute>`;
  const level = (mm: string) => `<DataObject ObjectType="PixelDataRepresentation">${spacing(mm)}</DataObject>`;
  const xml = (
    levels: string[],
  ) => `<DataObject ObjectType="DPUfsImport"><Attribute Name="PIM_DP_SCANNED_IMAGES"><Array>
    <DataObject><Attribute Name="PIM_DP_IMAGE_TYPE">WSI</Attribute>${spacing('0.000226891')}
    <Attribute Name="PIIM_PIXEL_DATA_REPRESENTATION_SEQUENCE"><Array>${levels.map(level).join('')}</Array></Attribute>
    </DataObject></Array></Attribute></DataObject>`;
  const header = philipsHeader(xml(['0.000227273', '0.000454545', '0.000909091', 'none', '0.00363636']));
  expect(header).toMatchObject({ mpp: { x: 0.226891, y: 0.226891 }, downsamples: [1, 2, 4], quirks: [] });
  expect(philipsHeader('<DataObject')).toMatchObject({ mpp: null, downsamples: [1], quirks: [expect.any(String)] });
});
