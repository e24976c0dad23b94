import { describe, expect, it } from 'vitest';
import type { Bundle } from '../api';
import { codeOf, pointOfText } from './tags';

describe('the text of a tag', () => {
  it.each([
    ['https://plant.example/t/k3x9wq27ydhm?s=abc', 'k3x9wq27ydhm'],
    ['http://10.0.0.5:8080/t/K3X9WQ27YDHM/', 'k3x9wq27ydhm'],
    [' https://plant.example/t/k3x9wq27ydhm?e=00&c=11 ', 'k3x9wq27ydhm'],
  ])('%s has the code %s', (text, code) => expect(codeOf(text)).toBe(code));

  it.each([
    '',
    'k3x9wq27ydhm',
    'https://plant.example/menu',
    'https://plant.example/t/',
    'javascript:alert(1)//t/k3x9wq27ydhm',
    'https://plant.example/t/../../etc',
  ])('%s has none', (text) => expect(codeOf(text)).toBeNull());

  it('names the point it belongs to, as far as the phone knows', () => {
    const bundle = { checkpoints: [{ id: 7, tag_codes: ['k3x9wq27ydhm'] }] } as unknown as Bundle;
    expect(pointOfText(bundle, 'https://plant.example/t/k3x9wq27ydhm')?.id).toBe(7);
    expect(pointOfText(bundle, 'https://plant.example/t/zzzzwq27ydhm')).toBeNull();
    expect(pointOfText(undefined, 'https://plant.example/t/k3x9wq27ydhm')).toBeNull();
  });
});
