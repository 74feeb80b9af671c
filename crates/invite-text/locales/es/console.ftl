### The words of the console's frame: signing in, navigation, one's own account. The rules for writing stand at the top of common.ftl.

## Frame.

console-nav = Consola
console-nav-dashboard = Resumen
console-nav-invitations = Invitaciones
console-nav-members = Miembros
console-nav-roles = Roles
console-nav-keys = Claves de API
console-nav-dead-letters = No entregados
console-nav-settings = Configuración
console-nav-account = Mi cuenta
console-organization = Organización
console-organization-switch = Cambiar
console-sign-out = Cerrar sesión
button-save = Guardar
button-cancel = Cancelar
console-optional = opcional
console-next-page = Página siguiente
console-first-page = Primera página
console-nothing-found = Nada coincide con estos filtros.

## Signing in.

console-sign-in-title = Iniciar sesión
console-forgotten-link = ¿Ha olvidado su contraseña?
console-by-key-link = Iniciar sesión con una clave de API
console-by-password-link = Iniciar sesión con una contraseña
console-key-label = Clave de API
console-key-hint = Empieza por ivk_ y pertenece a una sola organización. La sesión permanece abierta doce horas.
console-forgotten-title = Elegir una contraseña nueva
console-forgotten-text = Introduzca la dirección con la que inicia sesión. Le enviaremos un enlace para elegir una contraseña nueva.
console-forgotten-button = Enviarme el enlace
console-forgotten-asked-title = Revise su buzón
console-forgotten-asked-text = Si existe una cuenta con esta dirección, un correo con un enlace está en camino. El enlace funciona una sola vez, durante una hora.
console-forgotten-asked-advice = Puede tardar unos minutos. Mire también en la carpeta de correo no deseado. Las invitaciones que haya recibido no se ven afectadas.
console-back-to-sign-in = Volver al inicio de sesión
console-nowhere-title = No pertenece a ninguna organización
console-nowhere-text = Ha iniciado sesión, pero ninguna organización le cuenta entre sus miembros. Pida una invitación a la suya o inicie sesión con otra cuenta.

## One’s own account.

console-account-title = Mi cuenta
console-account-name = Nombre
console-account-address = Dirección de correo
console-account-verified = confirmada
console-account-unverified = sin confirmar
console-account-new-address = Dirección nueva
console-account-new-address-hint = Enviaremos un enlace a esa dirección. El cambio se hace cuando haya abierto el enlace y lo haya confirmado.
console-account-address-button = Cambiar la dirección
console-account-current-password = Contraseña actual
console-account-password = Contraseña
console-account-password-hint = Al menos { $count } caracteres. Todas las demás sesiones se cierran.
console-account-password-button = Cambiar la contraseña
console-account-sessions = Sesiones
console-account-sessions-text = Si ha perdido un dispositivo o ha usado el de otra persona, cierre todas las sesiones. Después iniciará sesión de nuevo. Las claves de API siguen siendo válidas: revóquelas en «Claves de API».
console-account-sessions-button = Cerrar todas las sesiones
console-account-key = Ha iniciado sesión con una clave de API, que no pertenece a ninguna cuenta. Cierre la sesión e inicie otra con una contraseña para cambiar su cuenta.

## What was just done: shown once, above the page.

done-signed-out = Ha cerrado la sesión.
done-signed-out-everywhere = Todas las sesiones se han cerrado. Inicie sesión de nuevo.
done-saved = Guardado.
done-password = Su contraseña ha cambiado y todas las demás sesiones se han cerrado.
done-address-asked = Hemos enviado un enlace a la dirección nueva. Ábralo para confirmarla.

## What a form was refused for.

fault-fields = Revise los campos de abajo.
fault-field-required = Rellene este campo.
fault-field-range = El valor es demasiado corto, largo, pequeño o grande.
fault-field-invalid = Esto no es posible aquí.
fault-field-email = Esto no es una dirección de correo. Una dirección tiene la forma nombre@example.org.
fault-bad-credentials = No coincide con ninguna cuenta. Revise los dos campos e inténtelo de nuevo.
fault-forbidden = No tiene permiso para esto. Quien administra su organización puede concedérselo.
fault-system-role = Este rol es igual en todas las organizaciones y no se puede cambiar.
fault-owner-only = Solo un propietario puede dar el rol de propietario.
fault-grant-exceeds = Solo puede dar lo que usted tiene. Elija otro rol o menos permisos.
fault-already-invited = Ya hay una invitación abierta para esta dirección.
fault-already-member = Esta persona ya es miembro.
fault-member-switched-off = Esta persona es un miembro desactivado. En su lugar, vuelva a activar su acceso.
fault-ended = Esta invitación ha terminado. No se ha cambiado nada.
fault-ended-redeemed = Esta invitación se ha aceptado entretanto. No se ha cambiado nada.
fault-ended-declined = Esta invitación se ha rechazado. No se ha cambiado nada.
fault-ended-revoked = Esta invitación se ha retirado. No se ha cambiado nada.
fault-suspended = Esta invitación está en suspenso: quien la emitió ya no puede dar lo que concede. Primero hágase cargo de ella.
fault-not-suspended = Esta invitación ya no está en suspenso.
fault-too-many-messages = Se han enviado demasiados mensajes para esta invitación o a su destinatario. El siguiente es posible a partir del { $at }.
fault-too-many-issued = La organización ha emitido tantas invitaciones como puede en una hora. Inténtelo de nuevo a partir del { $at }.
fault-seats-full = No hay plazas libres: los miembros y las invitaciones abiertas las ocupan todas. Retire una invitación, quite a un miembro o pida más plazas al operador del servicio.
fault-invitations-full = La organización tiene tantas invitaciones abiertas como puede. Retire algunas, o espere a que algunas se respondan o caduquen.
fault-too-many-attempts = Ha habido demasiados intentos. Inténtelo de nuevo a partir del { $at }.
fault-changed-meanwhile = Otra persona lo ha cambiado entretanto. Vuelva a revisarlo.
fault-key-retired = La clave con la que se creó este enlace ya no se usa. Envíe de nuevo la invitación.
fault-own-session = Ha iniciado sesión mediante una invitación. Inicie sesión con su contraseña para hacer esto.
fault-last-owner = Una organización necesita un propietario. Dé antes ese rol a otra persona.
fault-role-in-use = Un miembro o una invitación abierta tiene este rol, así que no se puede eliminar.
fault-username-taken = Este nombre de usuario está ocupado. Elija otro.

## Where a page is not to be had.

console-back = Ir a la consola
console-unknown = Compruebe la dirección. Es posible que lo que había aquí se haya eliminado o pertenezca a otra organización.

## Signing in with a key.

fault-unknown-key = Esta clave no se conoce, o ya no es válida. Compruébela e inténtelo de nuevo.

## A form that does not count, and pages that are not to be had.

console-switched-title = Ha cambiado de organización
console-switched-text = Mientras tanto ha cambiado a { $organization }, y este formulario se abrió para otra organización. No se ha cambiado nada.
console-switched-back = Volver a { $organization }
console-form-stale = Esta página ha estado abierta demasiado tiempo, o su navegador no guarda cookies. Envíe el formulario de nuevo.
console-busy-text = El servicio está ocupado o en mantenimiento.
console-uncertain-text = No sabemos si lo que envió se ha realizado: puede que sí y puede que no. Compruébelo antes de volver a intentarlo.
console-key-device = Quien tenga este dispositivo mientras la sesión esté abierta puede actuar con la clave. Cerrar la sesión no anula la clave: si pierde el dispositivo, revóquela.
