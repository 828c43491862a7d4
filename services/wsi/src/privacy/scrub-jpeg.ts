type State = 'marker' | 'length' | 'keep' | 'blank' | 'scan' | 'after';

/** Frames, tables, restart interval and line count: what a decoder needs. C8 (JPG) is reserved. */
function isNeeded(marker: number): boolean {
  return (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8) || (marker >= 0xda && marker <= 0xdd);
}
/** JFIF's density and Adobe's transform say how colours are meant; what follows them in the segment is free. */
const colourSegments = new Map([
  [0xe0, { name: Buffer.from('JFIF\0'), bytes: 14 }],
  [0xee, { name: Buffer.from('Adobe'), bytes: 12 }],
]);
const standsAlone = (marker: number) => (marker >= 0xd0 && marker <= 0xd8) || marker === 0x01;

/**
 * Blanks everything of a JPEG stream that no decoder needs: comments, application data, and bytes behind its end. The
 * length stays, so no offset changes; pixels stay, because tables and scans are not touched. Takes the stream in pieces,
 * so that an image stored as one JPEG of gigabytes needs no memory.
 */
export class JpegScrubber {
  #state: State = 'marker';
  #marker = 0;
  #sawFf = false;
  /** Bytes of the segment that are still to come, and of these the first that are kept. */
  #left = 0;
  #kept = 0;
  /** Bytes of the segment's content that are over. */
  #position = 0;
  #length: number[] = [];
  /** True when something was blanked that was not blank before. */
  found = false;

  /** Changes the piece in place. */
  scrub(bytes: Buffer): Buffer {
    let at = 0;
    while (at < bytes.length) {
      if (this.#state === 'scan') at = this.#inScan(bytes, at);
      else if (this.#state === 'marker') at = this.#atMarker(bytes, at);
      else if (this.#state === 'length') at = this.#atLength(bytes, at);
      else if (this.#state === 'after') at = this.#blank(bytes, at, bytes.length);
      else at = this.#inSegment(bytes, at);
    }
    return bytes;
  }

  #inScan(bytes: Buffer, from: number): number {
    let at = from;
    while (!this.#sawFf && at < bytes.length) {
      const ff = bytes.indexOf(0xff, at);
      if (ff < 0) return bytes.length;
      this.#sawFf = true;
      at = ff + 1;
    }
    if (at >= bytes.length) return at;
    const marker = bytes[at] ?? 0;
    // A stuffed zero, a restart, or a filling FF before the marker.
    if (marker === 0xff) return at + 1;
    this.#sawFf = false;
    if (marker !== 0 && !(marker >= 0xd0 && marker <= 0xd7)) this.#enter(marker);
    return at + 1;
  }

  #atMarker(bytes: Buffer, at: number): number {
    const byte = bytes[at] ?? 0;
    if (byte === 0xff) this.#sawFf = true;
    else if (this.#sawFf && byte !== 0) {
      this.#sawFf = false;
      this.#enter(byte);
    } else {
      // No marker where one must be: decoders skip such bytes.
      this.#sawFf = false;
      const next = bytes.indexOf(0xff, at);
      return this.#blank(bytes, at, next < 0 ? bytes.length : next);
    }
    return at + 1;
  }

  #enter(marker: number): void {
    this.#marker = marker;
    this.#length = [];
    if (marker === 0xd9) this.#state = 'after';
    else this.#state = standsAlone(marker) ? 'marker' : 'length';
  }

  #atLength(bytes: Buffer, at: number): number {
    this.#length.push(bytes[at] ?? 0);
    if (this.#length.length < 2) return at + 1;
    this.#left = Math.max(0, (((this.#length[0] ?? 0) << 8) | (this.#length[1] ?? 0)) - 2);
    this.#kept = isNeeded(this.#marker)
      ? this.#left
      : Math.min(this.#left, colourSegments.get(this.#marker)?.bytes ?? 0);
    this.#position = 0;
    this.#next();
    return at + 1;
  }

  #inSegment(bytes: Buffer, at: number): number {
    const colour = colourSegments.get(this.#marker);
    if (this.#state === 'keep' && colour && this.#position < colour.name.length) {
      // Another program's segment of the same number is not kept.
      if (bytes[at] !== colour.name[this.#position]) this.#kept = 0;
    }
    const most = this.#kept === 0 ? this.#left : colour ? 1 : this.#kept;
    const end = Math.min(bytes.length, at + most);
    if (this.#kept === 0) this.#blank(bytes, at, end);
    else this.#kept -= end - at;
    this.#position += end - at;
    this.#left -= end - at;
    this.#next();
    return end;
  }

  #next(): void {
    if (this.#kept > 0) this.#state = 'keep';
    else if (this.#left > 0) this.#state = 'blank';
    else this.#state = this.#marker === 0xda ? 'scan' : 'marker';
  }

  #blank(bytes: Buffer, from: number, to: number): number {
    for (let i = from; i < to && !this.found; i += 1) this.found = bytes[i] !== 0;
    bytes.fill(0, from, to);
    return to;
  }
}

/** Whether a JPEG stream begins with segments that hold more than a decoder needs. */
export function hasJpegText(head: Buffer): boolean {
  if (head[0] !== 0xff || head[1] !== 0xd8) return false;
  const scrubber = new JpegScrubber();
  scrubber.scrub(Buffer.from(head));
  return scrubber.found;
}
