import type { Identifier } from './identifier.ts';

/** Tags of TIFF 6.0, its supplements, EXIF 2.32 and the vendors that hold a text, a time or a place. */
const tags: [tag: number, kind: string, name: string, source: string][] = [
  [269, 'document-name', 'Document name', 'TIFF 6.0, section 12'],
  [270, 'description', 'Free description', 'TIFF 6.0, section 8'],
  [285, 'page-name', 'Page name', 'TIFF 6.0, section 12'],
  [305, 'software', 'Software', 'TIFF 6.0, section 8'],
  [306, 'date-time', 'Date and time', 'TIFF 6.0, section 8'],
  [315, 'artist', 'Artist: the person who made it', 'TIFF 6.0, section 8'],
  [316, 'host-computer', 'Host computer', 'TIFF 6.0, section 8'],
  [700, 'xmp', 'XMP packet', 'XMP specification, part 3'],
  [32781, 'image-id', 'Image ID', 'OPI, Adobe PageMaker 6.0 TIFF notes'],
  [33432, 'copyright', 'Copyright', 'TIFF 6.0, section 8'],
  [33723, 'iptc', 'IPTC record', 'IPTC IIM 4.2'],
  [34377, 'photoshop', 'Photoshop resources', 'Adobe Photoshop TIFF notes'],
  [34675, 'icc-profile', 'Colour profile: names of device and maker, date', 'ICC.1:2022, 7.2 and 9.2'],
  [34853, 'gps', 'Place (GPS)', 'EXIF 2.32, 4.6.6'],
  [36867, 'exif-date-original', 'Date and time of the picture', 'EXIF 2.32, 4.6.5'],
  [36868, 'exif-date-digitized', 'Date and time of digitisation', 'EXIF 2.32, 4.6.5'],
  [37500, 'exif-maker-note', 'Maker note', 'EXIF 2.32, 4.6.5'],
  [37510, 'exif-user-comment', 'User comment', 'EXIF 2.32, 4.6.5'],
  [37724, 'image-source-data', 'Photoshop source data', 'Adobe Photoshop TIFF notes'],
  [40091, 'xp-title', 'Title (Windows)', 'Windows Explorer tags'],
  [40092, 'xp-comment', 'Comment (Windows)', 'Windows Explorer tags'],
  [40093, 'xp-author', 'Author (Windows)', 'Windows Explorer tags'],
  [40094, 'xp-keywords', 'Keywords (Windows)', 'Windows Explorer tags'],
  [40095, 'xp-subject', 'Subject (Windows)', 'Windows Explorer tags'],
  [42016, 'image-unique-id', 'Unique image ID', 'EXIF 2.32, 4.6.5'],
  [42032, 'exif-camera-owner', 'Owner of the camera', 'EXIF 2.32, 4.6.5'],
  [42033, 'exif-body-serial', 'Serial number of the camera', 'EXIF 2.32, 4.6.5'],
  [42112, 'gdal-metadata', 'GDAL metadata', 'GDAL GTiff driver'],
  [50838, 'imagej-counts', 'ImageJ metadata', 'ImageJ TiffEncoder'],
  [50839, 'imagej-metadata', 'ImageJ metadata', 'ImageJ TiffEncoder'],
  [51123, 'micromanager', 'Micro-Manager metadata', 'Micro-Manager TIFF notes'],
  [65427, 'ndpi-reference', 'Hamamatsu reference (slide or case)', 'NDPI tags, as OpenSlide names them'],
  [65442, 'ndpi-serial', 'Hamamatsu scanner serial number', 'NDPI tags, as OpenSlide names them'],
  [65449, 'ndpi-properties', 'Hamamatsu property map', 'NDPI tags, as OpenSlide names them'],
];

export const tiffTagKinds: ReadonlyMap<number, string> = new Map(tags.map(([tag, kind]) => [tag, `tiff.${kind}`]));

/** Keys of Aperio's ImageDescription, in small letters. */
const aperio: [key: string, name: string][] = [
  ['scanscope id', 'Scanner’s ID'],
  ['user', 'User'],
  ['filename', 'File name'],
  ['title', 'Title'],
  ['date', 'Date'],
  ['time', 'Time'],
  ['time zone', 'Time zone'],
  ['imageid', 'Image ID'],
  ['barcode', 'Barcode'],
  ['dsr id', 'Data server’s ID'],
  ['slide', 'Slide’s place in the rack'],
  ['rack', 'Rack'],
  ['description', 'Description'],
];

export const aperioKinds: ReadonlyMap<string, string> = new Map(
  aperio.map(([key]) => [key, `aperio.${key.replaceAll(' ', '-')}`]),
);

const aperioSource = 'Aperio digital slide format notes; OpenSlide aperio.* properties';

export const tiffIdentifiers: Identifier[] = [
  ...tags.map(([tag, kind, name, source]): Identifier => {
    return { kind: `tiff.${kind}`, name, format: 'TIFF', at: `tag ${tag}`, onDownload: 'removed', source };
  }),
  {
    kind: 'tiff.private',
    name: 'Private tags of unknown meaning',
    format: 'TIFF',
    at: 'tags from 32768',
    onDownload: 'removed',
    source: 'TIFF 6.0, section 3: private fields',
  },
  ...aperio.map(([key, name]): Identifier => {
    const kind = aperioKinds.get(key) as string;
    return {
      kind,
      name,
      format: 'Aperio',
      at: `ImageDescription, ${key}`,
      onDownload: 'removed',
      source: aperioSource,
    };
  }),
  {
    kind: 'aperio.other',
    name: 'Other texts of the header',
    format: 'Aperio',
    at: 'ImageDescription, any other key whose value is not a number',
    onDownload: 'removed',
    source: aperioSource,
  },
];
