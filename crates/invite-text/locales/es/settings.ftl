### The words of the console's pages of settings and dead letters. The rules for writing stand at the top of common.ftl.

## Undelivered messages.

dead-letters-title = Mensajes no entregados
dead-letters-text = Estos mensajes se abandonaron: se rechazaron de forma definitiva o se intentaron demasiadas veces. Cuando la causa esté resuelta, envíelos de nuevo con el mismo enlace.
dead-letters-empty = Todos los mensajes han encontrado su camino.
dead-letters-to = Destinatario
dead-letters-invitation = Una invitación
dead-letters-hidden = Un destinatario que usted no puede ver
dead-letters-by-email = por correo electrónico
dead-letters-by-sms = por SMS
dead-letters-reason = Por qué
dead-letters-attempts = Intentos
dead-letters-at = Abandonado
dead-letters-replay = Enviar de nuevo
dead-letters-all = Enviar de nuevo todos los de esta página
dead-letters-all-text = Cada mensaje mostrado aquí se intenta una vez más. Aquellos cuya invitación ha terminado se quedan aquí.
dead-letters-all-button =
    { $count ->
        [one] Enviar { $count } mensaje de nuevo
       *[other] Enviar { $count } mensajes de nuevo
    }
dead-letters-gone = Este mensaje ya no figura en esta lista. Quizá otra persona ya lo haya enviado de nuevo.
dead-letters-some = Algunos mensajes vuelven a estar en cola. Los demás, abajo, se quedan porque sus invitaciones han terminado.
dead-letters-rest = Esta vez no todos los mensajes han podido volver a la cola. Los que siguen abajo se pueden enviar de nuevo.
dead-letters-none = No se ha enviado nada de nuevo: ninguno de estos mensajes sigue en esta lista.
done-replayed = Se intentará de nuevo en un momento.

## Why a message is not sent, or not yet. A key is the reason’s name with hyphens.

reason-smtp-refused = El servidor de correo lo rechazó de forma definitiva
reason-smtp-deferred = El servidor de correo lo aplazó
reason-sms-refused = El servicio de SMS lo rechazó
reason-sms-deferred = El servicio de SMS lo aplazó
reason-unreachable = No se pudo contactar con el servidor
reason-tls-failed = El servidor no pudo demostrar su identidad, así que no se envió nada
reason-address-unsupported = El servidor de correo no admite este tipo de dirección
reason-template-failed = El mensaje no se pudo redactar con su plantilla
reason-recipient-blocked = El destinatario no quiere mensajes de esta organización
reason-overtaken = Un mensaje más reciente ocupó su lugar
reason-invitation-ended = La invitación terminó antes
reason-invitation-expired = La invitación caducó antes
reason-invitation-suspended = La invitación está en suspenso
reason-key-retired = La clave de su enlace ya no se usa
reason-link-ended = Su enlace se usó, se sustituyó o caducó antes
reason-not-needed = Ya no había nada que comunicar
reason-address-taken = La dirección pertenece a otra cuenta
reason-unreadable = Lo que hay guardado de él no se puede leer
reason-attempts-exhausted = Fallaron demasiados intentos

## Settings.

settings-title = Configuración
settings-read-only = Puede ver la configuración, pero no modificarla.
settings-general = La organización
settings-name = Nombre de la organización
settings-name-hint = Tal como se lee en los correos y en las páginas. Como máximo 200 caracteres.
settings-slug = Nombre corto en las direcciones
settings-slug-hint = De 3 a 40 caracteres: a–z, 0–9 y guion. Tras un cambio, el anterior sigue funcionando 90 días.
settings-slug-wrong = Un nombre corto tiene de 3 a 40 caracteres: a–z, 0–9 y guion.
settings-slug-taken = Otra organización tiene este nombre corto o lo ha tenido en los últimos 90 días.
settings-code-page = Los códigos se introducen en { $url }.
settings-language = Idioma de los correos
settings-language-hint = Se usa cuando ni la invitación ni la persona indican otro.
settings-language-none = El que fijó el operador
settings-zone = Zona horaria
settings-zone-hint = Las fechas de los correos y de esta consola se muestran en ella.
settings-policy = Cómo funcionan las invitaciones
settings-mailbox = Solo el enlace recibido por correo permite entrar
settings-mailbox-hint = Un enlace copiado o un código solo vuelve a enviar entonces el correo con el enlace.
settings-sign-in = Quien tiene una cuenta debe iniciar sesión para unirse
settings-sign-in-hint = Sin esto basta con el enlace recibido por correo.
settings-ttl-default = Validez de una invitación, en días
settings-ttl-default-hint = Si no se elige otra cosa. Vacío: lo que fijó el operador, { $duration }.
settings-ttl-max = Validez máxima, en días
settings-ttl-max-hint = Nadie puede crear una que dure más. Vacío: lo que fijó el operador, { $duration }, que también es el máximo.
settings-ttl-range = Debe estar entre { $min } y { $max }.
settings-ttl-number = Introduzca un número de días, como 7 o 0,5.
settings-policy-text = Un cambio vale desde ahora, también para las invitaciones abiertas mientras no tengan respuesta.
settings-limits = Límites
settings-limits-text = Cuando se alcanza un límite, las invitaciones o los mensajes nuevos se rechazan hasta que vuelve a haber sitio. Lo que ya existe se queda como está.
settings-seats =
    { $count ->
        [one] La organización tiene { $count } plaza. La ocupa un miembro o una invitación abierta. Solo el operador del servicio puede cambiarlo.
       *[other] La organización tiene { $count } plazas. Cada miembro y cada invitación abierta ocupa una. Solo el operador del servicio puede cambiarlo.
    }
settings-seats-none = El número de plazas no está limitado. Solo el operador del servicio puede limitarlo.
settings-limit-live = Invitaciones abiertas al mismo tiempo
settings-limit-issues = Invitaciones nuevas por hora
settings-limit-messages = Mensajes al día a un mismo destinatario
settings-limit-hint = Vacío: el límite del operador, que también es el más alto: { $count }.
settings-limit-hint-none = Vacío: sin límite.
settings-limit-range = Debe estar entre 1 y { $count }.
settings-limit-number = Introduzca un número entero.
settings-look = Aspecto
settings-look-text = El color y el logotipo aparecen en las páginas y en los correos de esta organización.
settings-accent = Color de los botones
settings-accent-hint = # y seis cifras hexadecimales, como #1a56b0. El texto encima será negro o blanco automáticamente, según se lea mejor.
settings-accent-wrong = Esto no es un color. Se escribe como #1a56b0.
settings-accent-save = Usar este color
settings-accent-remove = Volver al color habitual
settings-accent-sample = Así se ve un botón
settings-logo = Logotipo
settings-logo-none = No hay logotipo. En su lugar aparece la primera letra del nombre.
settings-logo-now = El logotipo actual
settings-logo-file = Archivo de imagen
settings-logo-hint = Un archivo PNG de { $bytes } KiB como máximo, con { $pixels } píxeles como máximo de ancho y de alto.
settings-logo-save = Subir el logotipo
settings-logo-remove = Quitar el logotipo
settings-logo-missing = Elija un archivo.
settings-logo-format = Esto no es una imagen PNG. Elija un archivo PNG.
settings-logo-large = Este archivo es demasiado grande. Puede tener { $bytes } KiB como máximo.
settings-logo-size = Esta imagen tiene demasiados píxeles. Puede tener { $pixels } como máximo de ancho y de alto.
