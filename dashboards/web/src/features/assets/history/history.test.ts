import '@/text/format';
import { describe, expect, it } from 'vitest';
import { rangeOf } from './range';
import { readClock } from './readClock';
import { escapeHtml } from './tooltip';

const NOW = Date.parse('2026-11-22T08:00:30Z');
const HOUR = 3_600_000;

describe('the range in the address', () => {
  it('follows the clock when it is a quick one', () => {
    const range = rangeOf(new URLSearchParams('range=1h'), NOW);
    expect(range.quick).toBe('1h');
    expect(range.to - range.from).toBe(HOUR);
    expect(range.to).toBeGreaterThanOrEqual(NOW);
  });

  it('stands still when it is given by its ends', () => {
    const range = rangeOf(new URLSearchParams('from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z'), NOW);
    expect(range).toEqual({
      from: Date.parse('2026-11-01T00:00:00Z'),
      to: Date.parse('2026-11-02T00:00:00Z'),
      quick: null,
    });
  });

  it.each(['range=99y', 'from=x&to=y', 'from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z', ''])(
    'is the usual one for %s',
    (address) => expect(rangeOf(new URLSearchParams(address), NOW).quick).toBe('6h'),
  );
});

it('a name in the tooltip stays text', () => {
  expect(escapeHtml('<img src=x onerror=alert(1)> & "x"')).toBe(
    '&lt;img src=x onerror=alert(1)&gt; &amp; &quot;x&quot;',
  );
});

describe('a time typed in', () => {
  it('is the clock of the site', () => {
    expect(readClock('2026-11-22 04:37', 'Asia/Shanghai')).toBe(Date.parse('2026-11-21T20:37:00Z'));
    expect(readClock('2026-11-22T04:37', 'Asia/Shanghai')).toBe(Date.parse('2026-11-21T20:37:00Z'));
    expect(readClock('2026-1-2', 'Europe/Berlin')).toBe(Date.parse('2026-01-01T23:00:00Z'));
  });

  it.each(['', 'yesterday', '2026-02-31 10:00', '2026-13-01', '2026-11-22 25:00'])('%s is none', (text) =>
    expect(readClock(text, 'Asia/Shanghai')).toBeNull(),
  );
});
