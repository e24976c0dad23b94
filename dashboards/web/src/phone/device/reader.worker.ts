import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url';

// Without this the library would fetch its WebAssembly from a foreign host.
prepareZXingModule({ overrides: { locateFile: () => wasmUrl } });

/** A frame comes in, the text of its code or null goes out: one answer a frame. */
self.onmessage = async ({ data }: MessageEvent<ImageData>) => {
  try {
    const found = await readBarcodes(data, {
      formats: ['QRCode'],
      tryHarder: true,
      tryRotate: true,
      tryInvert: false,
      maxNumberOfSymbols: 1,
    });
    self.postMessage({ text: found[0]?.isValid ? found[0].text : null });
  } catch {
    self.postMessage({ text: null });
  }
};
