/** The parts of WebAssembly's JavaScript interface that the kernel uses; Node's types do not declare them. */
export interface WasmModule {
  readonly [Symbol.toStringTag]: string;
}

export interface WasmMemoryObject {
  readonly buffer: ArrayBuffer;
  /** @param pages of 64 KiB */
  grow(pages: number): number;
}

export interface WasmGlobal {
  readonly value: number | bigint;
}

interface WasmApi {
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (module: WasmModule) => { readonly exports: unknown };
}

export const { WebAssembly: wasm } = globalThis as unknown as { readonly WebAssembly: WasmApi };
