import { useEffect, useState } from 'preact/hooks';
import { useModel } from './use-model.ts';

/**
 * Asks again and again while the page is seen and the sandbox is live; one after another. Gives what went wrong last, ""
 * when nothing did.
 * @param ask is called with false at the first time after `key` has changed
 * @param key of what is asked: with another it begins anew
 */
export function usePoll(interval: number, key: string, ask: (isAgain: boolean) => Promise<void>): string {
  const model = useModel();
  const [trouble, setTrouble] = useState('');
  useEffect(() => {
    let [isGone, isAsking, isAgain] = [false, false, false];
    const look = async (): Promise<void> => {
      if (document.hidden || !model.isLive || isAsking) return;
      isAsking = true;
      try {
        await ask(isAgain);
        isAgain = true;
        if (!isGone) setTrouble('');
      } catch (error) {
        if (!isGone) setTrouble(error instanceof Error ? error.message : String(error));
      } finally {
        isAsking = false;
      }
    };
    void look();
    const timer = setInterval(() => void look(), interval);
    return () => {
      isGone = true;
      clearInterval(timer);
    };
  }, [key]);
  return trouble;
}
