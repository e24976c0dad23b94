import { expect, it } from 'vitest';
import { setZone, shortSpan } from './when';

it('the end of a window says its day only where it is another', () => {
  setZone('Asia/Shanghai');
  expect(shortSpan('2026-01-30T16:00:00Z', '2026-01-30T17:30:00Z')).toEqual(['01-31 00:00', '01:30']);
  expect(shortSpan('2026-01-30T15:00:00Z', '2026-01-30T17:30:00Z')).toEqual(['01-30 23:00', '01-31 01:30']);
});
