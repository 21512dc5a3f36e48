// Arrays and a little JSON as one run of bytes and back: reading makes views on the bytes, and copies nothing.

export type Packable = Uint8Array | Uint16Array | Uint32Array;
export interface Packed {
  readonly meta: unknown;
  readonly arrays: Readonly<Record<string, Packable>>;
}

const types = { Uint8Array, Uint16Array, Uint32Array };
const ALIGN = 8;

interface Head {
  readonly meta: unknown;
  readonly arrays: readonly { name: string; type: keyof typeof types; at: number; length: number }[];
}

export function pack({ meta, arrays }: Packed): Uint8Array<ArrayBuffer> {
  let size = 0;
  const listed = Object.entries(arrays).map(([name, array]) => {
    const type =
      array instanceof Uint32Array ? "Uint32Array" : array instanceof Uint16Array ? "Uint16Array" : "Uint8Array";
    const at = size;
    size += aligned(array.byteLength);
    return { name, type, at, length: array.length, array } as const;
  });
  const head: Head = { meta, arrays: listed.map(({ array: _, ...place }) => place) };
  const json = Buffer.from(JSON.stringify(head));
  const start = aligned(4 + json.length);
  const bytes = new Uint8Array(start + size);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, 4);
  for (const { at, array } of listed)
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), start + at);
  return bytes;
}

/** `bytes` come from `pack`, which their checksum has shown, and begin where eight bytes do. */
export function unpack(bytes: Uint8Array<ArrayBuffer>): Packed {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = view.getUint32(0, true);
  const head = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + 4, length).toString()) as Head; // as `pack` wrote it
  const start = bytes.byteOffset + aligned(4 + length);
  const arrays = head.arrays.map(({ name, type, at, length: count }) => [
    name,
    new types[type](bytes.buffer, start + at, count),
  ]);
  return { meta: head.meta, arrays: Object.fromEntries(arrays) };
}

export function aligned(size: number): number {
  return Math.ceil(size / ALIGN) * ALIGN;
}
