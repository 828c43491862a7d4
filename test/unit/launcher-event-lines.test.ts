import { cutLines, eventRow, parseEvent } from '@stroma/launcher/event-lines';
import { describe, expect, it } from 'vitest';

const bytes = (text: string) => Buffer.from(text, 'utf8');
const progress = {
  version: 1,
  time: '2026-01-02T03:04:05.678+00:00',
  kind: 'progress',
  phase: 'dino',
  done: 1,
  total: 4,
  unit: 'step',
  rate_per_s: null,
};

describe('cutLines', () => {
  it('names each line by the byte after it and leaves the unfinished one', () => {
    const lines = cutLines(bytes('ab\nµ\nrest'), 100, 1000);
    expect(lines.map((line) => line.position)).toEqual([103, 106]);
  });

  it('gives nothing while no line has ended', () => {
    expect(cutLines(bytes('half a li'), 0, 1000)).toEqual([]);
  });

  it('takes a piece without any end as a line, so that it is not read for ever', () => {
    expect(cutLines(bytes('x'.repeat(10)), 5, 10)[0]?.position).toBe(15);
  });
});

describe('parseEvent', () => {
  it('reads an event of the contract', () => {
    expect(parseEvent(bytes(`${JSON.stringify(progress)}\n`))?.kind).toBe('progress');
  });

  const picture = {
    ...{ version: 1, time: progress.time, kind: 'picture', phase: 'unet', step: 8, epoch: 1, name: 'samples' },
    ...{ path: 'pictures/unet-samples-00000008.png', sha256: 'a'.repeat(64), bytes: 9, width: 2, height: 2 },
    ...{ caption: '', synthetic: true },
  };
  it('reads a picture', () => {
    expect(parseEvent(bytes(JSON.stringify(picture)))).toEqual(picture);
  });

  it.each([
    ['a path outside pictures/', { path: 'pictures/../config.json' }],
    ['a name nobody shows', { name: 'selfie' }],
    ['more bytes than a picture has', { bytes: 16_000_001 }],
    ['no word on whether it is synthetic', { synthetic: undefined }],
  ])('refuses a picture with %s', (_, more) => {
    expect(parseEvent(bytes(JSON.stringify({ ...picture, ...more })))).toBeUndefined();
  });

  it.each([
    ['no JSON', '{"version": 1, "ti'],
    ['another version', JSON.stringify({ ...progress, version: 2 })],
    ['a missing field', JSON.stringify({ ...progress, total: undefined })],
    ['an unknown kind', JSON.stringify({ ...progress, kind: 'hello' })],
    ['bytes that are no text', '\u0000\u0001'],
  ])('refuses %s', (_, line) => {
    expect(parseEvent(bytes(line))).toBeUndefined();
  });
});

describe('eventRow', () => {
  const row = (value: unknown) => {
    const line = bytes(`${JSON.stringify(value)}\n`);
    return eventRow({ position: 7, bytes: line }, parseEvent(line));
  };

  it('keeps the event’s own time and fields', () => {
    const { at, kind, data, position } = row(progress);
    expect({ at, kind, position }).toEqual({ at: '2026-01-02T03:04:05.678Z', kind: 'progress', position: 7 });
    expect(JSON.parse(data)).toEqual({ phase: 'dino', done: 1, total: 4, unit: 'step', rate_per_s: null });
  });

  it.each([
    ['a NUL', { ...progress, phase: 'a\u0000b' }],
    ['half a character', { ...progress, phase: 'a\ud800b' }],
    ['a time that is none', { ...progress, time: 'yesterday' }],
  ])('turns %s, which Postgres would refuse, into a log line', (_, event) => {
    const { kind, data } = row(event);
    expect(kind).toBe('log');
    expect(JSON.parse(data).message).toContain('Unreadable line');
  });
});
