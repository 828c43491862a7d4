import type { ReactNode } from 'react';

/** Nothing here yet: what would be, and how to get it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div
      style={{ padding: '48px 16px', textAlign: 'center', border: '1px dashed var(--line-strong)', borderRadius: 6 }}
    >
      <p style={{ margin: 0, fontWeight: 600 }}>{title}</p>
      {children && (
        <div className="soft" style={{ marginTop: 6 }}>
          {children}
        </div>
      )}
    </div>
  );
}
