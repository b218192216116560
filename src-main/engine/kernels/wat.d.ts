/** A module in WebAssembly's text format, assembled when it is built. */
declare module '*.wat' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
