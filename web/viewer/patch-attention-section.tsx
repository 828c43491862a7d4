import dynamic from 'next/dynamic';
import type { ComponentProps } from 'react';
import { Loading } from '../parts/loading.tsx';
import type { PatchAttention } from './patch-attention.tsx';

const Opened = dynamic(() => import('./patch-attention.tsx').then((module) => module.PatchAttention), {
  ssr: false,
  loading: () => <Loading what="the attention" />,
});

interface Props extends ComponentProps<typeof PatchAttention> {
  opened: boolean;
  onToggle: () => void;
}

/** Folded until somebody asks: only then is the encoder run, and the code for the maps fetched. */
export function PatchAttentionSection({ opened, onToggle, ...asked }: Props) {
  return (
    <section data-testid="patch-attention">
      <h4>
        <button
          type="button"
          className="link"
          aria-expanded={opened}
          onClick={onToggle}
          data-testid="patch-attention-toggle"
        >
          {opened ? '▾' : '▸'} Where the encoder looks
        </button>
      </h4>
      {opened && <Opened {...asked} />}
    </section>
  );
}
