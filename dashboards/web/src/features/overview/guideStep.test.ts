import { describe, expect, it } from 'vitest';
import type { Alarm } from '@/nouns/alarms/queries';
import type { AssetDetail } from '@/nouns/assets/queries';
import type { Ticket } from '@/nouns/tickets/queries';
import { guidanceOf } from './guideStep';

const alarm = (state: Alarm['state'], severity: Alarm['severity'] = 'high') =>
  ({ id: 1, state, severity }) as Alarm;
const ticket = (status: Ticket['status']) => ({ id: 7, number: 'T-1001', status }) as Ticket;
const pump = {
  id: 4,
  points: [{ id: 71, kind: 'analog', normal: [5, 70] }],
} as unknown as AssetDetail;
const none = () => undefined;

describe('the guide', () => {
  it('begins with watching, and names what leaves its band', () => {
    expect(guidanceOf([], [], [pump], none)).toEqual({ step: 'watch' });
    const hot = guidanceOf([], [], [pump], () => ({ at: 0, value: 75, quality: 0 }));
    expect(hot.leaving?.point.id).toBe(71);
  });

  it('asks for the worst alarm that nobody has seen', () => {
    const guidance = guidanceOf(
      [alarm('unacknowledged', 'low'), alarm('unacknowledged', 'critical')],
      [],
      [],
      none,
    );
    expect([guidance.step, guidance.alarm?.severity]).toEqual(['acknowledge', 'critical']);
  });

  it('goes on with the ticket until it is closed', () => {
    const seen = [alarm('acknowledged')];
    expect(guidanceOf(seen, [ticket('open')], [], none).step).toBe('take');
    expect(guidanceOf(seen, [ticket('on_site')], [], none).step).toBe('prove');
    expect(guidanceOf([], [ticket('closed')], [], none).step).toBe('done');
  });
});
