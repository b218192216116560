const pageBytes = 65_536;
const mostPages = 65_536;
/** Vector loads may reach so far behind the end of what was taken. */
const slack = 64;

/**
 * One WebAssembly memory, handed out from the bottom up; everything taken stays until `clear`. It is
 * shared, so that files can be read into it by another thread.
 */
export class KernelMemory {
  readonly memory = new WebAssembly.Memory({ initial: 1, maximum: mostPages, shared: true });
  private next = slack;
  private readonly rooms = new Map<string, { offset: number; bytes: number }>();
  /** Growing gives the same memory a new buffer object; views of the older ones stay good. */
  private readonly own = new WeakSet<ArrayBufferLike>();

  /** Bytes that the memory has grown to. */
  get size(): number {
    return this.memory.buffer.byteLength;
  }

  /** The memory as it is now: what was taken before lies in it. Take first, then ask for it. */
  get bytes(): ArrayBufferLike {
    this.own.add(this.memory.buffer);
    return this.memory.buffer;
  }

  /** Takes memory for `count` bytes, aligned for vectors. */
  take(count: number): number {
    const offset = this.next;
    this.next = Math.ceil((offset + count) / 64) * 64;
    const missing = Math.ceil((this.next + slack - this.size) / pageBytes);
    if (missing > 0) this.memory.grow(missing);
    return offset;
  }

  /** Room for `count` bytes that is used again under the same name. */
  room(name: string, count: number): number {
    const known = this.rooms.get(name);
    if (known && known.bytes >= count) return known.offset;
    const offset = this.take(count);
    this.rooms.set(name, { offset, bytes: count });
    return offset;
  }

  holds(view: ArrayBufferView): boolean {
    return this.own.has(view.buffer);
  }

  /** Where numbers lie in memory; what lies elsewhere is copied into a room first. */
  offsetOf(view: ArrayBufferView, name: string): number {
    if (this.holds(view)) return view.byteOffset;
    const offset = this.room(name, view.byteLength);
    const source = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    new Uint8Array(this.bytes, offset, view.byteLength).set(source);
    return offset;
  }

  /** Forgets everything taken; views of it no longer hold what they held. */
  clear(): void {
    this.next = slack;
    this.rooms.clear();
  }
}
