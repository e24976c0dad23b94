// @vitest-environment jsdom
import { render, screen, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { AboveAll, Dialog } from './Dialog';

it('what stands above everything stands in an open dialog as well', () => {
  HTMLDialogElement.prototype.showModal ??= vi.fn();
  render(
    <AboveAll value={<button type="button">I am on it</button>}>
      <Dialog title="Tags" onClose={vi.fn()}>
        text
      </Dialog>
    </AboveAll>,
  );
  const dialog = screen.getByRole('dialog', { hidden: true });
  expect(within(dialog).getByText('I am on it')).toBeTruthy();
});
