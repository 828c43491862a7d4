'use client';
import { ActionIcon, CopyButton } from '@mantine/core';
import { Icon } from '../parts/icon.tsx';

/** The first twelve digits; the whole sum goes to the clipboard. */
export function Sha256({ value }: { value: string }) {
  return (
    <span style={{ display: 'inline-flex', gap: 4, alignItems: 'center' }}>
      <span className="mono" title={value}>
        {value.slice(0, 12)}
      </span>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={copied ? 'Copied' : 'Copy the SHA-256'}
            title={copied ? 'Copied' : 'Copy'}
            onClick={copy}
          >
            {copied ? '✓' : <Icon name="copy" size={13} />}
          </ActionIcon>
        )}
      </CopyButton>
    </span>
  );
}
