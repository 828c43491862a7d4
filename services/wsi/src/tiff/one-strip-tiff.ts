import { tag } from './tags.ts';

interface Strip {
  width: number;
  height: number;
  /** Values a pixel, 8 bits each. */
  samples: number;
  compression: number;
  predictor: number;
  /** Of the compressed strip. */
  bytes: number;
}

const short = 3;
const long = 4;
const fieldBytes = 12;

/**
 * The head of a TIFF that holds one strip and nothing else; the strip follows it. So libtiff, through libvips and off
 * the event loop, decodes a tile of a slide without ever seeing the slide's own directories: its sizes are those that
 * were checked here. The colours are called RGB or grey whatever they mean, so that the samples come out as stored.
 */
export function oneStripHead({ width, height, samples, compression, predictor, bytes }: Strip): Buffer {
  const entries: [tag: number, type: number, value: number, count?: number][] = [
    [tag.imageWidth, long, width],
    [tag.imageLength, long, height],
    [tag.bitsPerSample, short, 8, samples],
    [tag.compression, short, compression],
    [tag.photometric, short, samples < 3 ? 1 : 2],
    [tag.stripOffsets, long, oneStripHeadBytes],
    [tag.samplesPerPixel, short, samples],
    [tag.rowsPerStrip, long, height],
    [tag.stripByteCounts, long, bytes],
    [tag.planarConfiguration, short, 1],
    [tag.predictor, short, predictor],
    // Unassociated alpha: libvips divides nothing out.
    ...(samples === 4 ? [[tag.extraSamples, short, 2] satisfies [number, number, number]] : []),
  ];
  const head = Buffer.alloc(oneStripHeadBytes);
  head.write('II*\0', 'latin1');
  head.writeUInt32LE(8, 4);
  head.writeUInt16LE(entries.length, 8);
  const bits = 8 + 2 + entries.length * fieldBytes + 4;
  for (let i = 0; i < 4; i += 1) head.writeUInt16LE(8, bits + 2 * i);
  entries.forEach(([number, type, value, count = 1], i) => {
    const at = 10 + i * fieldBytes;
    head.writeUInt16LE(number, at);
    head.writeUInt16LE(type, at + 2);
    head.writeUInt32LE(count, at + 4);
    head.writeUInt32LE(count > 2 ? bits : count === 2 ? value | (value << 16) : value, at + 8);
  });
  return head;
}

export const oneStripHeadBytes = 192;
