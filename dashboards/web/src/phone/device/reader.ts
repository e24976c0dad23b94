/** Something that finds the text of a QR code in a picture of the camera. */
export interface CodeReader {
  read(video: HTMLVideoElement): Promise<string | null>;
  close(): void;
}

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}

interface DetectorClass {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}

const LONGEST_PX = 1280;

/** The browser's own detector where it has one that works, else the bundled one. */
export async function openReader(): Promise<CodeReader> {
  const Native = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  const formats = await Native?.getSupportedFormats().catch((): string[] => []);
  return Native && formats?.includes('qr_code') ? nativeReader(Native) : bundledReader();
}

function nativeReader(Native: DetectorClass): CodeReader {
  const detector = new Native({ formats: ['qr_code'] });
  let spare: CodeReader | null = null;
  return {
    async read(video) {
      if (spare) return spare.read(video);
      try {
        return (await detector.detect(video))[0]?.rawValue ?? null;
      } catch {
        // Some phones have the detector but not the service behind it.
        spare = bundledReader();
        return null;
      }
    },
    close: () => spare?.close(),
  };
}

/** zxing in a worker, so that the picture never stutters; one frame at a time. */
function bundledReader(): CodeReader {
  const worker = new Worker(new URL('./reader.worker.ts', import.meta.url), { type: 'module' });
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  return {
    read(video) {
      const scale = Math.min(1, LONGEST_PX / Math.max(video.videoWidth, video.videoHeight, 1));
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      if (!pen || !canvas.width || !canvas.height) return Promise.resolve(null);
      pen.drawImage(video, 0, 0, canvas.width, canvas.height);
      const frame = pen.getImageData(0, 0, canvas.width, canvas.height);
      return new Promise((resolve) => {
        worker.onmessage = ({ data }: MessageEvent<{ text: string | null }>) => resolve(data.text);
        worker.onerror = () => resolve(null);
        worker.postMessage(frame, [frame.data.buffer]);
      });
    },
    close: () => worker.terminate(),
  };
}
