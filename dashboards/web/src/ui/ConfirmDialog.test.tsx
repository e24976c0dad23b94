// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import '@/text/i18n';
import { ConfirmButton } from './ConfirmDialog';

const done = vi.fn();

beforeEach(() => {
  HTMLDialogElement.prototype.showModal ??= vi.fn();
  done.mockClear();
  render(
    <ConfirmButton title="Delete the team “Night”?" deed="Delete team" onConfirm={done}>
      Its shifts go with it.
    </ConfirmButton>,
  );
  screen.getByRole('button', { name: 'Delete team' }).focus();
  fireEvent.click(screen.getByRole('button', { name: 'Delete team' }));
});
afterEach(cleanup);

const dialog = () => screen.queryByRole('dialog', { hidden: true });
const button = (name: string) => screen.getAllByRole('button', { name, hidden: true }).at(-1) as HTMLElement;

it('says what happens and does it only when told so by name', () => {
  expect(dialog()?.textContent).toContain('Delete the team “Night”?Its shifts go with it.');
  expect(done).not.toHaveBeenCalled();
  fireEvent.click(button('Delete team'));
  expect(done).toHaveBeenCalledOnce();
  expect(dialog()).toBeNull();
});

it.each([
  ['Cancel', () => fireEvent.click(button('Cancel'))],
  ['Escape', () => fireEvent(dialog() as HTMLElement, new Event('cancel', { cancelable: true }))],
])('%s keeps everything and gives the focus back', async (_, leave) => {
  leave();
  expect(dialog()).toBeNull();
  expect(done).not.toHaveBeenCalled();
  await vi.waitFor(() => expect(document.activeElement).toBe(button('Delete team')));
});
