import { type RefObject, useEffect, useRef, useState } from 'react';
import { openReader } from './reader';

const EVERY_MS = 120;

export type CameraState = 'starting' | 'running' | 'refused';

interface Camera {
  video: RefObject<HTMLVideoElement | null>;
  state: CameraState;
  /** Null where the camera has no light. */
  torch: { isOn: boolean; toggle: () => void } | null;
}

/** The camera at the back, read about eight times a second until a code is found; then it is switched off. */
export function useCamera(onFound: (text: string) => void): Camera {
  const video = useRef<HTMLVideoElement>(null);
  const found = useRef(onFound);
  found.current = onFound;
  const [state, setState] = useState<CameraState>('starting');
  const [track, setTrack] = useState<MediaStreamTrack | null>(null);
  const [isOn, setOn] = useState(false);
  useEffect(() => {
    const end = new AbortController();
    run(video, end.signal, {
      onRunning: (running) => {
        setState('running');
        setTrack(running);
      },
      onFound: (text) => found.current(text),
    }).catch(() => !end.signal.aborted && setState('refused'));
    return () => end.abort();
  }, []);
  // The DOM's types do not know the light yet, and Firefox not the question.
  const can: MediaTrackCapabilities & { torch?: boolean } = track?.getCapabilities?.() ?? {};
  const hasTorch = can.torch === true;
  const toggle = () => {
    const constraint = { torch: !isOn } as MediaTrackConstraintSet;
    void track?.applyConstraints({ advanced: [constraint] }).then(() => setOn(!isOn));
  };
  return { video, state, torch: hasTorch ? { isOn, toggle } : null };
}

interface Told {
  onRunning: (track: MediaStreamTrack) => void;
  onFound: (text: string) => void;
}

async function run(target: RefObject<HTMLVideoElement | null>, signal: AbortSignal, told: Told) {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } },
  });
  const stop = () => {
    for (const one of stream.getTracks()) one.stop();
  };
  const [video, track] = [target.current, stream.getVideoTracks()[0]];
  if (signal.aborted || !video || !track) return stop();
  video.srcObject = stream;
  const reader = await openReader();
  signal.addEventListener('abort', () => {
    stop();
    reader.close();
  });
  await video.play();
  told.onRunning(track);
  while (!signal.aborted) {
    const text = video.readyState >= 2 ? await reader.read(video) : null;
    if (text && !signal.aborted) {
      stop();
      return told.onFound(text);
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}
