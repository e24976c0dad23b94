// @vitest-environment jsdom
import { render, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { serverNow } from '@/live/clock';
import type { TicketDetail, Verification } from '@/nouns/tickets/queries';
import { deadlineOf } from '@/nouns/tickets/stages';
import { movesOf } from './moves';
import { proofOf } from './proof';
import { StageBar } from './StageBar';
import { Verdict } from './Verdict';

const iso = (fromNowS: number) => new Date(serverNow() + fromNowS * 1000).toISOString();
const verification: Verification = {
  can_close: false,
  code: 'out_of_band',
  detail: { en: 'Motor temperature is 92 °C, the limit is 90 °C.', zh: '电机温度为 92 °C，上限为 90 °C。' },
  in_band_since: null,
  closes_at: null,
  verify_s: 300,
  facts: [],
};

describe('the verdict of the sensor', () => {
  it('out of band: says why, and how long it must be in band', () => {
    render(<Verdict verification={verification} />);
    expect(screen.getByText(/limit is 90/)).toBeTruthy();
    expect(screen.getByText(/stay in band for 5 min/)).toBeTruthy();
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('0');
  });

  it('in band: counts down', () => {
    const proving = {
      ...verification,
      code: 'not_yet_verified',
      in_band_since: iso(-120),
      closes_at: iso(180),
    };
    render(<Verdict verification={proving} />);
    expect(screen.getByText(/Can be closed in (3:00|2:59)/)).toBeTruthy();
    expect(Number(screen.getByRole('progressbar').getAttribute('aria-valuenow'))).toBeGreaterThanOrEqual(40);
  });

  it('proven: says so', () => {
    render(
      <Verdict verification={{ ...verification, can_close: true, code: null, in_band_since: iso(-400) }} />,
    );
    expect(screen.getByText(/It can be closed/)).toBeTruthy();
  });
});

describe('the stages of a closed ticket', () => {
  const closed = {
    status: 'closed',
    reported_at: '2026-03-02T08:00:00Z',
    accepted_at: '2026-03-02T08:01:00Z',
    on_site_at: '2026-03-02T08:02:00Z',
    done_at: '2026-03-02T08:03:00Z',
    closed_at: '2026-03-02T08:09:00Z',
  } as TicketDetail;
  const verified = () => screen.getByText('Verified').closest('li')?.textContent;

  it('verified when the sensor had shown it, not when it was asked', () => {
    render(<StageBar ticket={{ ...closed, close_kind: 'verified' }} />);
    expect(verified()).toContain('03-02 08:09');
  });

  it('never verified when a person closed it over the sensor', () => {
    render(<StageBar ticket={{ ...closed, close_kind: 'override' }} />);
    expect(verified()).toContain('not verified');
  });
});

describe('a ticket', () => {
  const times = { respond_by: iso(60), on_site_by: iso(120), due_at: iso(180) };

  it('has one clock running at a time, none when closed', () => {
    expect(deadlineOf({ status: 'open', ...times })?.aim).toBe('respond');
    expect(deadlineOf({ status: 'accepted', ...times })?.aim).toBe('arrive');
    expect(deadlineOf({ status: 'on_hold', ...times })?.aim).toBe('solve');
    expect(deadlineOf({ status: 'closed', ...times })).toBeNull();
  });

  it('offers the usual move first', () => {
    expect(movesOf('open')[0]).toBe('accept');
    expect(movesOf('on_site')[0]).toBe('close');
    expect(movesOf('closed')).toEqual([]);
  });

  it('keeps its proof on the event that closed it last', () => {
    const event = (kind: string, data: object) => ({ kind, data }) as TicketDetail['events'][number];
    const events = [
      event('closed', { override_reason: 'first time' }),
      event('reopened', {}),
      event('closed', {
        in_band_since: iso(0),
        points: [{ point: 1, readings: 31, min: 1, max: 2, last: 1 }, 'odd'],
      }),
    ];
    expect(proofOf({ events })?.points).toHaveLength(1);
    expect(proofOf({ events })?.overrideReason).toBeNull();
    expect(proofOf({ events: [] })).toBeNull();
  });
});
