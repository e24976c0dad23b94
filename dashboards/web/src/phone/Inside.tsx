import { type ReactNode, useEffect } from 'react';
import { Toasts } from '@/ui/toasts';
import { followPlace, leavePlace } from './device/place';
import { Alerts } from './parts/Alerts';
import { Bottom } from './parts/Bottom';
import { Calls } from './parts/Calls';
import { Guard } from './parts/Guard';
import { Top } from './parts/Top';
import { go, useRoute } from './route';
import { ContestScreen } from './screens/ContestScreen';
import { FindingScreen } from './screens/FindingScreen';
import { HandoverScreen } from './screens/HandoverScreen';
import { LoneScreen } from './screens/LoneScreen';
import { MineScreen } from './screens/MineScreen';
import { MoreScreen } from './screens/MoreScreen';
import { PersonScreen } from './screens/PersonScreen';
import { PointScreen } from './screens/PointScreen';
import { RoundScreen } from './screens/RoundScreen';
import { RoundsScreen } from './screens/RoundsScreen';
import { ScannedScreen } from './screens/ScannedScreen';
import { ScanScreen } from './screens/ScanScreen';
import { SosScreen } from './screens/SosScreen';
import { TapScreen } from './screens/TapScreen';
import { UnsentScreen } from './screens/UnsentScreen';
import { useStored } from './store/db';
import { own } from './store/kept';
import { startSync } from './sync/engine';
import { keptTaps } from './tap';
import { keepUpToDate } from './update';
import { useTimers } from './useTimers';

const number = (text: string | undefined) => (text && /^\d+$/.test(text) ? Number(text) : null);

/** Screens by the first part of the address after `/phone`. */
const SCREENS: Record<string, (parts: string[]) => ReactNode> = {
  round: ([id]) => <RoundScreen roundId={number(id)} key={id} />,
  scan: ([round, point, how]) => (
    <ScanScreen roundId={number(round)} pointId={number(point)} isByPhoto={how === 'photo'} key={how} />
  ),
  scanned: ([id]) => <ScannedScreen scanId={id ?? ''} />,
  point: ([round, point, scan]) => (
    <PointScreen
      roundId={number(round)}
      pointId={number(point)}
      scanId={scan ?? null}
      key={`${round}/${point}`}
    />
  ),
  finding: ([round, point]) => <FindingScreen roundId={number(round)} pointId={number(point)} />,
  sos: () => <SosScreen />,
  alone: () => <LoneScreen />,
  handover: () => <HandoverScreen />,
  contest: ([round]) => <ContestScreen roundId={number(round)} />,
  mine: () => <MineScreen />,
  unsent: () => <UnsentScreen />,
  person: () => <PersonScreen />,
  more: () => <MoreScreen />,
  tap: () => <TapScreen />,
};

export function Inside() {
  const [name = '', ...parts] = useRoute();
  useEffect(() => {
    startSync();
    keepUpToDate();
    // A tag that was tapped while nobody was logged in, and the app closed since.
    void keptTaps().then((taps) => taps.length && go('/tap', 'replace'));
  }, []);
  usePlaceDuringRounds();
  useTimers();
  const screen = SCREENS[name];
  return (
    <div className="phone app">
      <Top isHome={name === ''} />
      <Alerts current={name} />
      <main className="screen">
        <Guard key={[name, ...parts].join('/')}>{screen ? screen(parts) : <RoundsScreen />}</Guard>
      </main>
      <Bottom current={name} />
      <Calls />
      <Toasts />
    </div>
  );
}

/** Nobody is followed outside of a round. */
function usePlaceDuringRounds() {
  const active = useStored(() => own('active_round').then((one) => one ?? null), []);
  useEffect(() => {
    if (active === undefined) return;
    if (active) followPlace('round');
    else leavePlace('round');
  }, [active]);
}
