import { Tensor } from 'onnxruntime-node';

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** The tensors of a safetensors file: 8 bytes of header length, a JSON header, the data. */
export function readSafetensors(file: Buffer): Record<string, Tensor> {
  const headerLength = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, 8 + headerLength)) as Record<string, Entry>;
  const start = 8 + headerLength;
  const tensors: Record<string, Tensor> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [from, to] = entry.data_offsets;
    // A copy, because typed arrays must begin at a multiple of their element's size.
    const bytes = new Uint8Array(file.subarray(start + from, start + to)).buffer;
    tensors[name] = tensorOf(entry, bytes);
  }
  return tensors;
}

function tensorOf({ dtype, shape }: Entry, bytes: ArrayBuffer): Tensor {
  if (dtype === 'F32') return new Tensor('float32', new Float32Array(bytes), shape);
  if (dtype === 'F16') return new Tensor('float16', new Uint16Array(bytes), shape);
  if (dtype === 'U8') return new Tensor('uint8', new Uint8Array(bytes), shape);
  if (dtype === 'I64') return new Tensor('int64', new BigInt64Array(bytes), shape);
  throw new RangeError(`a golden tensor of type ${dtype}`);
}
