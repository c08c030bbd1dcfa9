/* The least that SDL can do: open the screen, fill it, wait. What the agent's first picture is measured against. */
#include <SDL2/SDL.h>

int main(void)
{
    SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0"); /* as the agent does: it is the faster way by far */
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    if (SDL_Init(SDL_INIT_VIDEO) != 0)
        return 1;
    SDL_DisplayMode mode;
    SDL_GetDesktopDisplayMode(0, &mode);
    SDL_Window *window = SDL_CreateWindow("", 0, 0, mode.w, mode.h, SDL_WINDOW_BORDERLESS);
    SDL_Surface *surface = window ? SDL_GetWindowSurface(window) : NULL;
    if (surface == NULL)
        return 1;
    SDL_FillRect(surface, NULL, SDL_MapRGB(surface->format, 255, 255, 255));
    SDL_UpdateWindowSurface(window);
    SDL_Delay(60000);
    return 0;
}
