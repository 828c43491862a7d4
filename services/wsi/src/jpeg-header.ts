/** What the markers before the scan say (ITU-T T.81, annex B). */
export interface JpegHeader {
  width: number;
  height: number;
  components: number;
  /** True when the stream brings its own quantisation tables. */
  hasTables: boolean;
  /** Refined scan by scan over the whole picture. */
  progressive: boolean;
}

/** Reads the markers up to the first scan; undefined when they do not make sense. Decodes nothing. */
export function jpegHeader(bytes: Uint8Array): JpegHeader | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  let header: Omit<JpegHeader, 'hasTables'> | undefined;
  let hasTables = false;
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0xda) break;
    const length = u16(bytes, at + 2);
    if (length < 2) return undefined;
    if (marker === 0xdb) hasTables = true;
    if (isFrame(marker) && at + 10 <= bytes.length) {
      header = {
        height: u16(bytes, at + 5),
        width: u16(bytes, at + 7),
        components: bytes[at + 9] ?? 0,
        progressive: (marker & 3) === 2,
      };
    }
    at += 2 + length;
  }
  return header && { ...header, hasTables };
}

/** How many scans a stream says it has; a start-of-scan marker cannot occur within coded data. */
export function scanCount(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(startOfScan); at >= 0; at = bytes.indexOf(startOfScan, at + 2)) count += 1;
  return count;
}

const startOfScan = Buffer.from([0xff, 0xda]);

/** SOF0 … SOF15 without DHT (C4), JPG (C8) and DAC (CC). */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
