import type { Attachment } from 'svelte/attachments'

/** How far outside the view an element is rendered, relative to the height of its scroll container. */
const MARGIN = '100%'

/** @param come called once, when the element is nearly in view */
export function whenNear(come: () => void): Attachment {
  return (element) => {
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return
        observer.disconnect()
        come()
      },
      // The margin applies only to the element that scrolls, not to the window.
      { root: element.closest('[data-scrolls]'), rootMargin: `${MARGIN} 0px` },
    )
    observer.observe(element)
    return () => observer.disconnect()
  }
}
