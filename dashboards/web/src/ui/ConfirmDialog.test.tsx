// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import '@/text/i18n';
import { ConfirmButton } from './ConfirmDialog';
import { Dialog } from './Dialog';

const done = vi.fn();
const closed = vi.fn();

beforeEach(() => {
  HTMLDialogElement.prototype.showModal = function open(this: HTMLDialogElement) {
    this.open = true;
  };
  vi.clearAllMocks();
  render(
    <Dialog title="Night" onClose={closed}>
      <ConfirmButton title="Delete the team “Night”?" deed="Delete team" onConfirm={done}>
        Its shifts go with it.
      </ConfirmButton>
    </Dialog>,
  );
  button('Delete team').focus();
  fireEvent.click(button('Delete team'));
});
afterEach(cleanup);

const dialog = () => screen.getAllByRole('dialog', { hidden: true })[1] ?? null;
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
  expect(closed, 'what it stands above stays open').not.toHaveBeenCalled();
  await vi.waitFor(() => expect(document.activeElement).toBe(button('Delete team')));
});
