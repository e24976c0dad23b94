import { Component, type ReactNode } from 'react';
import { phrases } from '../text/phrases';

/** A screen that fails takes nothing else with it: the log is kept, the other screens work. */
export class Guard extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <p className="note" role="alert">
        {phrases().failure.unexpected}
      </p>
    );
  }
}
