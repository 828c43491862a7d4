import type { Readable, Writable } from 'node:stream';

/** A message is a small JSON object, and the bytes that go with it travel as they are. */
export interface Frame<Header> {
  header: Header;
  bytes: Buffer;
}

/** Two lengths, of the header's JSON and of the bytes. */
const prefixBytes = 8;
/** The largest region is 300 MB; whoever announces more has lost its senses. */
const maxHeaderBytes = 16 * 1024 * 1024;
const maxBytes = 320 * 1024 * 1024;
const nothing = Buffer.alloc(0);

export function sendFrame(stream: Writable, header: object, bytes: Buffer = nothing): void {
  const json = Buffer.from(JSON.stringify(header));
  const start = Buffer.allocUnsafe(prefixBytes + json.length);
  start.writeUInt32LE(json.length, 0);
  start.writeUInt32LE(bytes.length, 4);
  json.copy(start, prefixBytes);
  stream.cork();
  stream.write(start);
  if (bytes.length > 0) stream.write(bytes);
  process.nextTick(() => stream.uncork());
}

/** Calls back for every whole frame; for a frame that cannot be one it calls `onNonsense`, and then no more. */
export function receiveFrames<Header>(
  stream: Readable,
  onFrame: (frame: Frame<Header>) => void,
  onNonsense: () => void,
): void {
  const prefix = Buffer.alloc(prefixBytes);
  let part: 'prefix' | 'header' | 'bytes' = 'prefix';
  let target: Buffer = prefix;
  let filled = 0;
  let header: Buffer = nothing;
  const next = () => {
    filled = 0;
    if (part === 'prefix') {
      const headerLength = prefix.readUInt32LE(0);
      if (headerLength > maxHeaderBytes || prefix.readUInt32LE(4) > maxBytes) return false;
      part = 'header';
      target = Buffer.allocUnsafeSlow(headerLength);
    } else if (part === 'header') {
      header = target;
      part = 'bytes';
      target = Buffer.allocUnsafeSlow(prefix.readUInt32LE(4));
    } else {
      onFrame({ header: JSON.parse(header.toString()) as Header, bytes: target });
      part = 'prefix';
      target = prefix;
    }
    return true;
  };
  stream.on('data', (chunk: Buffer) => {
    let at = 0;
    while (at < chunk.length || (filled === target.length && part !== 'prefix')) {
      const length = Math.min(target.length - filled, chunk.length - at);
      chunk.copy(target, filled, at, at + length);
      filled += length;
      at += length;
      if (filled === target.length && !next()) {
        stream.removeAllListeners('data');
        stream.resume();
        onNonsense();
        return;
      }
    }
  });
}
