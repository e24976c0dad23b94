import { describe, expect, it } from 'vitest';
import { freeKey, isAsked, itemOf } from './items';

const BLANK = { key: 'where', name: { en: 'Where', zh: '何处' }, required: true, when: null };

describe('a form that is edited', () => {
  it('gives a new item a key that no other has', () => {
    expect(freeKey('item', [])).toBe('item-1');
    expect(freeKey('item', ['item-2', 'item-1', 'pressure'])).toBe('item-4');
    expect(freeKey('item', ['item-2'])).toBe('item-3');
  });

  it('keeps its name, picture and condition when the kind changes', () => {
    const when = { item: 'leaks', any_of: ['fail'] };
    const photo = itemOf('photo', { ...BLANK, picture_id: 'p', when });
    expect(photo).toMatchObject({ type: 'photo', name: BLANK.name, picture_id: 'p', when });
  });

  it('asks an item only where its condition holds', () => {
    const item = itemOf('text', { ...BLANK, when: { item: 'leaks', any_of: ['fail'] } });
    expect(isAsked(item, {})).toBe(false);
    expect(isAsked(item, { leaks: 'pass' })).toBe(false);
    expect(isAsked(item, { leaks: 'fail' })).toBe(true);
  });
});
