/** Rooms that explanations have left: the system clears new memory page by page. */
const spare: Float32Array[] = [];
/** Numbers that are kept ready: 256 MB, what sixteen questions to VGG-16 take. */
const mostSpare = 64 * 1024 * 1024;
/** Milliseconds after which rooms that nobody has asked for are let go. */
const kept = 10_000;
let letGo: NodeJS.Timeout | undefined;

/** Room for so many numbers; what they are is left open. */
export function takeRoom(length: number): Float32Array {
  const at = spare.findIndex((room) => room.length === length);
  return (at < 0 ? undefined : spare.splice(at, 1)[0]) ?? new Float32Array(length);
}

/** Takes back room that nobody reads any more. */
export function giveBack(room: Float32Array): void {
  if (room.length > mostSpare) return;
  spare.push(room);
  while (spare.reduce((sum, { length }) => sum + length, 0) > mostSpare) spare.shift();
  clearTimeout(letGo);
  letGo = setTimeout(() => spare.splice(0), kept);
  letGo.unref();
}
