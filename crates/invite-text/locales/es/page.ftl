### Palabras de las páginas. Las variables se describen en locales/en/page.ftl, las reglas en common.ftl.

## Diseño de las páginas.

layout-skip = Ir al contenido
layout-language-label = Idioma
layout-language-button = Cambiar
layout-title = { $title } · { $organization }
layout-title-error = Error: { $title }
layout-footer = { $organization } envía sus invitaciones mediante este servicio.
layout-footer-plain = Este es un servicio de invitaciones.

## Página de aceptación: la propuesta.

accept-title = Unirse a { $organization }
accept-fact-inviter = De parte de
accept-fact-role = Su rol
accept-fact-recipient = Para
accept-fact-until = Válida hasta
accept-message-heading = { $inviter } le escribe:

## Página de aceptación: persona nueva.

accept-new-heading = Cree su cuenta
accept-new-intro = Iniciará sesión con { $address } y la contraseña que elija aquí.
accept-have-account = Ya tengo una cuenta
accept-no-account = Todavía no tengo una cuenta

## Página de aceptación: cuenta existente, enlace recibido por correo o sesión abierta.

accept-existing-heading = Ya tiene una cuenta
accept-existing-text = Ya tiene una cuenta con esta dirección. Su contraseña no cambia, y tampoco nada de aquello de lo que ya forma parte.
accept-signed-in = Ha iniciado sesión como { $address }.

## Página de aceptación: enlace copiado, cuenta existente.

sign-in-heading = Inicie sesión para unirse
sign-in-text = Este enlace no se envió por correo. Para que nadie más pueda utilizar su cuenta, introduzca la contraseña de { $address }.
sign-in-text-code = Para que nadie más pueda utilizar su cuenta, introduzca la contraseña de { $address }.
sign-in-login = Dirección de correo electrónico, número de teléfono o nombre de usuario
sign-in-policy-text = Ya tiene una cuenta con esta dirección, y { $organization } pide que quien tenga una inicie sesión primero.
sign-in-forgotten = ¿Ha olvidado su contraseña?

## Página de aceptación: enlace copiado, la organización pide una prueba de la dirección.

proof-heading = Confirme su dirección
proof-text = { $organization } pide que se confirme primero la dirección de correo electrónico. Hemos enviado un correo a { $address }; abra el enlace que contiene para unirse.

## Página de aceptación: sesión abierta con otra cuenta.

switch-heading = Ha iniciado sesión con otra cuenta
switch-text = Ha iniciado sesión como { $current }, pero la invitación es para { $address }. Cierre la sesión para utilizarla con la cuenta correcta.
switch-text-nameless = Ha iniciado sesión como { $current }, pero la invitación es para otra persona. Cierre la sesión para utilizarla con la cuenta correcta.

## Página de aceptación: ya es miembro.

already-member-title = Ya forma parte de { $organization }
already-member-text = No queda nada por hacer: ya es miembro, y no se ha cambiado nada.

## Página de aceptación: rechazar.

decline-heading = ¿No es para usted?
decline-text = Si rechaza la invitación, esta termina y { $organization } puede ver su respuesta.
decline-block = No enviarme más invitaciones a { $organization }

## Después de unirse.

success-title = Le damos la bienvenida a { $organization }
success-text = Se ha unido a { $organization }.
success-text-role = Se ha unido a { $organization } con el rol «{ $role }».
success-next-heading = ¿Y ahora?
success-next-new = A partir de ahora, inicie sesión con { $address } y la contraseña que acaba de elegir.
success-next-existing = Inicie sesión con su cuenta como hasta ahora; { $organization } ya forma parte de ella.
success-next-no-password = Todavía no ha elegido una contraseña. Pida restablecerla cuando quiera iniciar sesión.
success-choose-password = Elegir una contraseña
success-next-close = Puede cerrar esta página.

## Después de que una persona ya conocida utilice una invitación.

signed-in-again = Ha iniciado sesión en { $organization }.

## Página para introducir el código.

code-title = Introduzca su código
code-intro = { $organization } le ha enviado un código. Con él puede aceptar la invitación.
code-label = Código
code-help = Once letras y cifras, como ABCD-1234-EFG. Las mayúsculas, los espacios y los guiones no importan.
code-button = Continuar
code-missing = Introduzca el código.
code-mistyped = Hay un error de escritura en este código. Compárelo con su mensaje.
code-unknown = Este código no es válido, o ya no lo es. Utilice el de su mensaje más reciente o consulte a la persona que le invitó.
code-ended-title = Este código ya no funciona
code-too-many-title = Demasiados intentos
code-too-many = Se han probado demasiados códigos desde aquí. Se podrán volver a introducir códigos a partir del { $until }. Un enlace recibido sigue funcionando.
code-password = Indique cómo quiere llamarse. La contraseña es opcional: deje los dos campos vacíos si no la necesita.

## Después de rechazar.

declined-title = Ha rechazado la invitación
declined-text = { $organization } puede ver su respuesta. No recibirá más correos sobre esta invitación.
declined-text-blocked = { $organization } puede ver su respuesta. No enviará más invitaciones a esta dirección.

## Enlaces que ya no funcionan.

dead-expired-title = Esta invitación ha caducado
dead-expired-text = La invitación a unirse a { $organization } terminó el { $ended }.
dead-expired-advice = Si todavía quiere aceptar, pida un enlace nuevo. Se enviará a la dirección invitada.

dead-superseded-title = Hay un enlace más reciente
dead-superseded-text = { $organization } le envió un mensaje más reciente el { $sent }. Solo funciona el enlace que contiene.
dead-superseded-advice = Búsquelo en su buzón. Si no lo encuentra, pida un enlace nuevo. Se enviará a la dirección invitada.

dead-revoked-title = Esta invitación se ha retirado
dead-revoked-text = { $organization } retiró la invitación el { $ended }.
dead-revoked-advice = Si cree que es un error, consulte a la persona que le invitó.

dead-redeemed-title = Esta invitación ya se ha utilizado
dead-redeemed-text = La invitación a unirse a { $organization } se aceptó el { $ended }. Solo funciona una vez.
dead-redeemed-advice = Si fue usted, simplemente inicie sesión. Si no, avise a la persona que le invitó.

dead-exhausted-title = Esta invitación está agotada
dead-exhausted-text = La invitación para unirse a { $organization } era para un número determinado de personas, y ya se ha alcanzado.
dead-exhausted-advice = Si todavía quiere unirse, pida una nueva a la persona que le invitó.

dead-declined-title = Esta invitación se ha rechazado
dead-declined-text = La invitación a unirse a { $organization } se rechazó el { $ended }.
dead-declined-advice = Si ha cambiado de opinión, pida una nueva a la persona que le invitó.

dead-suspended-title = Esta invitación está en suspenso
dead-suspended-text = La persona que le invitó ya no puede dar este acceso a { $organization }.
dead-suspended-advice = Otra persona de { $organization } puede desbloquear la invitación. Consulte allí y después abra de nuevo el enlace.

inactive-title = Su acceso está desactivado
inactive-text = Ya pertenece a esta organización, pero la administración ha desactivado su acceso. Por eso la invitación no se puede aceptar ahora.
inactive-advice = Pida a la administración de la organización que lo active de nuevo y vuelva a abrir el enlace.

dead-unknown-title = No conocemos este enlace
dead-unknown-text = Puede que esté incompleto: los programas de correo a veces parten en dos los enlaces largos.
dead-unknown-advice = Abra de nuevo el enlace desde su correo o cópielo entero en la barra de direcciones.

dead-no-cookie-title = Abra de nuevo el enlace de su correo
dead-no-cookie-text = Esta página no sabe qué enlace ha abierto. Ocurre cuando ha estado abierta un rato o cuando el navegador no acepta cookies.
dead-no-cookie-advice = Abra otra vez el enlace de su correo. Si vuelve a ver esta página, permita las cookies para este sitio.

## Después de pedir un enlace nuevo.

new-link-title = Su petición ha llegado
new-link-text = Si es posible un enlace nuevo para esta invitación, va de camino a la dirección invitada.
new-link-advice = Puede tardar unos minutos. Mire también en la carpeta de correo no deseado.

## Errores en un formulario.

error-summary =
    { $count ->
        [one] Corrija el campo de abajo.
       *[other] Corrija los { $count } campos de abajo.
    }
error-name-missing = Introduzca su nombre.
error-name-long = Este nombre es demasiado largo. Puede tener { $max } caracteres como máximo.
error-password-missing = Introduzca una contraseña.
error-password-short = Esta contraseña es demasiado corta. Necesita al menos { $min } caracteres.
error-password-long = Esta contraseña es demasiado larga. Puede tener { $max } caracteres como máximo.
error-password-common = Esta contraseña es una de las más comunes y fácil de adivinar. Elija otra.
error-password-differs = Las dos contraseñas no coinciden. Introdúzcalas de nuevo.
error-password-wrong = Esta contraseña no es correcta. Inténtelo de nuevo.
error-too-many-attempts = Ha habido demasiados intentos. Vuelva a intentarlo dentro de { $duration }.

## Debajo de una contraseña, mientras se escribe.

live-length-short = Hacen falta al menos { $min } caracteres.
live-length-long = Es demasiado larga: como máximo { $max } caracteres.
live-length-good = Longitud suficiente
live-repeat-same = Las dos coinciden
live-repeat-differs = Todavía no coinciden

## Formulario abierto demasiado tiempo o venido de otra parte.

form-expired-title = Esta página ha estado abierta demasiado tiempo
form-expired-text = Por su seguridad, un formulario solo se puede enviar durante poco tiempo. No se ha cambiado nada.
form-expired-advice = Abra de nuevo el enlace de su correo.
form-expired-again = Volver a abrir la página

## Cuando algo va mal.

problem-title = Algo ha ido mal
problem-text = La culpa es nuestra, no suya. Inténtelo de nuevo dentro de un momento.
problem-reference = Si vuelve a ocurrir, indíquenos este número: { $id }
problem-refused-title = No ha funcionado
problem-refused-text = La solicitud no se pudo procesar tal como llegó y no se ha cambiado nada. Vuelva atrás e inténtelo de nuevo.
problem-not-found-title = Esta página no existe
problem-not-found-text = Compruebe la dirección o abra de nuevo el enlace de su correo.
unavailable-title = Inténtelo de nuevo dentro de un momento
unavailable-text = El servicio está muy ocupado o en mantenimiento. No se ha cambiado nada, y su invitación sigue igual.

## Página de la cuenta: primer enlace del propietario y restablecimiento de la contraseña.

account-owner-title = Elija su contraseña
account-owner-text = Elija la contraseña con la que iniciará sesión como { $address }.
account-reset-title = Elija una contraseña nueva
account-reset-text = Elija una contraseña nueva para { $address }. La anterior dejará de funcionar.
account-success-title = Su contraseña está guardada
account-success-text = A partir de ahora, inicie sesión con { $address } y su contraseña nueva.
account-used-title = Este enlace ya se ha utilizado
account-used-text = Ya se eligió una contraseña con él, y solo funciona una vez.
account-used-advice = Inicie sesión con esa contraseña. Si no fue usted quien la eligió, pida restablecerla de inmediato.
account-expired-title = Este enlace ha caducado
account-expired-text = Solo funciona durante poco tiempo, para que nadie lo encuentre más tarde.
account-expired-advice = Pida uno nuevo allí donde pidió este.
account-unknown-title = No conocemos este enlace
account-unknown-text = Puede que esté incompleto, o que uno más reciente lo haya sustituido.
account-unknown-advice = Abra el enlace de su correo más reciente o cópielo entero en la barra de direcciones.
account-address-title = Confirme su dirección nueva
account-address-text = A partir de entonces iniciará sesión como { $address }, y ya no como { $old }.
account-address-first-text = A partir de entonces podrá iniciar sesión como { $address }.
account-address-warning = Confirme solo si lo pidió usted: quien lo pidió iniciará sesión después con esta dirección y su propia contraseña.
account-address-password = Para que nadie más pueda cambiar su dirección, introduzca la contraseña de su cuenta. Sigue siendo la misma.
account-address-success-title = Su dirección nueva está confirmada
account-address-success-text = A partir de ahora, inicie sesión con { $address }. Su contraseña sigue siendo la misma.
account-address-used-title = Este enlace ya no es válido
account-address-used-text = Ya se utilizó, o lo sustituyó otro.
account-address-used-advice = Si su dirección aún no ha cambiado, vuelva a pedir el cambio.
button-confirm-address = Confirmar la dirección
